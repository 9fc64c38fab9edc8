import { isDeepStrictEqual } from 'node:util';
import type { Expected } from '../config/test-settings.js';

/** What an endpoint has answered. */
export interface Answer {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly body: Buffer;
}

/** How many differences of one answer are told. */
const MOST = 5;
const MOST_LETTERS = 120;

/**
 * What of an answer is not as expected, a line each; none where it is.
 * @param file the content of the file that is expected, where one is
 */
export function differences(answer: Answer, expected: Expected, file?: Buffer): string[] {
  const text = answer.body.toString();
  const found: string[] = [];
  if (answer.status !== expected.status) {
    return [`status ${answer.status}, and not ${expected.status}: ${shown(text)}`];
  }
  if (expected.contentType !== undefined && answer.contentType !== expected.contentType) {
    found.push(`content type ${answer.contentType}, and not ${expected.contentType}`);
  }
  if (expected.json !== undefined) found.push(...jsonDifferences(text, expected));
  if (expected.text !== undefined && text !== expected.text) {
    found.push(`${shown(text)}, and not ${shown(expected.text)}`);
  }
  if (expected.contains !== undefined && !text.includes(expected.contains)) {
    found.push(`${shown(text)} has no ${shown(expected.contains)} in it`);
  }
  if (file !== undefined && !answer.body.equals(file)) {
    found.push(`${answer.body.length} bytes that differ from the ${file.length} of the file`);
  }
  return found;
}

function jsonDifferences(text: string, { json, tolerance }: Expected): string[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return [`it is no JSON: ${shown(text)}`];
  }
  const found = [...valueDifferences(parsed, json, tolerance, '$')];
  const more = found.length - MOST;
  return more > 0 ? [...found.slice(0, MOST), `and ${more} more`] : found;
}

function* valueDifferences(
  answer: unknown,
  expected: unknown,
  tolerance: number,
  path: string,
): Generator<string> {
  if (typeof answer === 'number' && typeof expected === 'number') {
    if (!(Math.abs(answer - expected) <= tolerance)) yield different(path, answer, expected);
    return;
  }
  if (
    !isParent(answer) ||
    !isParent(expected) ||
    Array.isArray(answer) !== Array.isArray(expected)
  ) {
    if (!isDeepStrictEqual(answer, expected)) yield different(path, answer, expected);
    return;
  }
  for (const key of new Set([...Object.keys(expected), ...Object.keys(answer)])) {
    const at = Array.isArray(expected) ? `${path}[${key}]` : `${path}.${key}`;
    if (!(key in answer)) yield `${at} is missing`;
    else if (!(key in expected))
      yield `${at} is ${shown(JSON.stringify(answer[key]))}, and not expected`;
    else yield* valueDifferences(answer[key], expected[key], tolerance, at);
  }
}

function isParent(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function different(path: string, answer: unknown, expected: unknown): string {
  return `${path} is ${shown(JSON.stringify(answer))}, and not ${shown(JSON.stringify(expected))}`;
}

function shown(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > MOST_LETTERS ? `${line.slice(0, MOST_LETTERS)}…` : line;
}
