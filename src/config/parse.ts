import type { z } from 'zod';
import { type Fault, Places } from './places.js';
import { type ConfigFile, fileSchema } from './schema.js';

type Issue = z.core.$ZodIssue;

/** A config.yml that its schema has nothing against, and where its parts stand. */
export interface Parsed {
  readonly config: ConfigFile;
  readonly places: Places;
}

/**
 * Checks the text of a config.yml against its schema.
 * @throws SmlocalError with one line for each fault: where it is, what is wrong, and the nearest right key
 */
export function parseConfig(text: string, file: string): Parsed {
  const places = new Places(text, file);
  const result = fileSchema.safeParse(places.content);
  if (result.success) return { config: result.data, places };
  throw places.refusal(withoutEchoes(result.error.issues.flatMap(ofTheOneMeant)).flatMap(faultsOf));
}

/** Where a value may be of several kinds: what is wrong with it as the kind that it is, if it is one. */
function ofTheOneMeant(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const meant = issue.errors.find((issues) =>
    issues.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys'),
  );
  if (meant === undefined) return [issue];
  return meant.flatMap((inner) =>
    ofTheOneMeant({ ...inner, path: [...issue.path, ...inner.path] } as Issue),
  );
}

/** A key that is mistyped is missing too, where it has to be there; that is one fault. */
function withoutEchoes(issues: readonly Issue[]): Issue[] {
  const meant = new Set(
    issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => {
            const path = issue.path.map(String);
            return [...path, nearestKey(key, keysAt(path))].join('.');
          })
        : [],
    ),
  );
  return issues.filter((issue) => !(isMissing(issue) && meant.has(issue.path.join('.'))));
}

function isMissing(issue: Issue): boolean {
  return issue.code === 'invalid_type' && /received undefined$/.test(issue.message);
}

function faultsOf(issue: Issue): Fault[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path, key, message: unknownKey(key, path) }));
  }
  const what = isMissing(issue) ? 'is missing' : issue.message;
  return [{ path, message: `${path.join('.')}: ${what}` }];
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
  return Object.keys(shaped(schema).shape ?? {});
}

interface Shaped {
  readonly shape?: Record<string, unknown>;
  readonly valueType?: unknown;
}

/** What has keys, of a value that may be of several kinds. */
function shaped(schema: unknown): Shaped {
  const { options = [] } = (schema ?? {}) as { options?: readonly unknown[] };
  return options.map(shaped).find(({ shape }) => shape !== undefined) ?? ((schema ?? {}) as Shaped);
}

function inner(schema: unknown, key: string): unknown {
  const holder = shaped(schema);
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
  const begun = candidates.find((one) => one.startsWith(`${key}_`) || key.startsWith(`${one}_`));
  if (begun !== undefined) return begun;
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
