import { basename } from 'node:path';
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { SmlocalError } from '../errors.js';
import { type ConfigFile, fileSchema } from './schema.js';

type Issue = z.core.$ZodIssue;

/**
 * Checks the text of a config.yml against its schema.
 * @throws SmlocalError with one line for each fault: where it is, what is wrong, and the nearest right key
 */
export function parseConfig(text: string, file: string): ConfigFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { merge: true, lineCounter: lines });
  const name = basename(file);
  if (document.errors.length > 0) {
    throw faulty(
      name,
      document.errors.map((error) => at(lines, error.pos[0], error.message.split('\n')[0] ?? '')),
    );
  }
  const result = fileSchema.safeParse(document.toJS() ?? {});
  if (result.success) return result.data;
  const faults = result.error.issues.flatMap((issue) => describe(issue, document, lines));
  throw faulty(name, faults);
}

function faulty(name: string, faults: readonly string[]): SmlocalError {
  return new SmlocalError(faults.map((fault) => `${name}:${fault}`).join('\n'), {
    hint: 'The README describes every key of config.yml.',
  });
}

function describe(issue: Issue, document: Document, lines: LineCounter): string[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) =>
      at(lines, offsetOfKey(document, path, key), unknownKey(key, path)),
    );
  }
  return [at(lines, offsetOf(document, path), `${path.join('.')}: ${issue.message}`)];
}

function at(lines: LineCounter, offset: number, message: string): string {
  const { line, col } = lines.linePos(offset);
  return `${line}:${col}: ${message}`;
}

/** Where a value stands; a value that came in by a merge key stands where its nearest parent does. */
function offsetOf(document: Document, path: readonly string[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

/** Where a key stands, not its value, which may begin on another line. */
function offsetOfKey(document: Document, path: readonly string[], key: string): number {
  const map = path.length > 0 ? document.getIn(path, true) : document.contents;
  const pair = isMap(map)
    ? map.items.find(({ key: node }) => isScalar(node) && String(node.value) === key)
    : undefined;
  return isScalar(pair?.key) && pair.key.range
    ? pair.key.range[0]
    : offsetOf(document, [...path, key]);
}

function unknownKey(key: string, path: readonly string[]): string {
  const nearest = nearestKey(key, keysAt(path));
  const place = path.length > 0 ? ` of ${path.join('.')}` : '';
  return `unknown key "${key}"${place}${nearest === undefined ? '' : `; did you mean "${nearest}"?`}`;
}

/** The keys that the schema has where `path` leads. */
function keysAt(path: readonly string[]): string[] {
  let schema: unknown = fileSchema;
  for (const part of path) schema = inner(schema, part);
  return Object.keys((schema as { shape?: object } | undefined)?.shape ?? {});
}

function inner(schema: unknown, key: string): unknown {
  const holder = schema as { shape?: Record<string, unknown>; valueType?: unknown };
  const child = holder.shape?.[key] ?? holder.valueType;
  return (child as { unwrap?: () => unknown } | undefined)?.unwrap?.() ?? child;
}

function nearestKey(key: string, candidates: readonly string[]): string | undefined {
  const scored = candidates.map((candidate) => ({
    candidate,
    distance: editDistance(key, candidate),
  }));
  scored.sort((a, b) => a.distance - b.distance);
  const best = scored[0];
  return best !== undefined && best.distance <= Math.max(2, key.length / 3)
    ? best.candidate
    : undefined;
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
