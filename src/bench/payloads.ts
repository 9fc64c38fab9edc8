import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ExitCode, messageOf, SmlocalError } from '../errors.js';

/** Where requests get their bodies from. */
export type PayloadSource =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'lines'; readonly path: string }
  | { readonly kind: 'random'; readonly size: number };

/** Bodies in memory, so that no disk is measured; taken in turn, from the first again after the last. */
export interface Payloads {
  at(index: number): Uint8Array;
  readonly count: number;
  readonly leastBytes: number;
  readonly meanBytes: number;
  readonly mostBytes: number;
  /** Of all of them, by which two runs are known to have asked the same; undefined for random ones. */
  readonly digest: string | undefined;
}

/** Of random bodies there are a few, not one: what caches its answers must not look fast. */
const RANDOM_BODIES = 16;

/** All bodies together; a model is benchmarked with some, and not with a data set. */
const MOST_BYTES = 1024 ** 3;

/** @throws SmlocalError where a file cannot be read, there is none, or they are too many */
export async function loadPayloads(source: PayloadSource): Promise<Payloads> {
  const bodies = await bodiesOf(source);
  const sizes = bodies.map(({ length }) => length);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  return {
    at: (index) => bodies[index % bodies.length] ?? new Uint8Array(),
    count: bodies.length,
    leastBytes: sizes.reduce((a, b) => Math.min(a, b)),
    meanBytes: total / bodies.length,
    mostBytes: sizes.reduce((a, b) => Math.max(a, b)),
    digest: source.kind === 'random' ? undefined : digestOf(bodies),
  };
}

async function bodiesOf(source: PayloadSource): Promise<readonly Uint8Array[]> {
  switch (source.kind) {
    case 'bytes':
      return [source.bytes];
    case 'file':
      return [await read(source.path)];
    case 'folder':
      return filesOf(source.path);
    case 'lines':
      return linesOf(source.path);
    case 'random':
      return Array.from({ length: RANDOM_BODIES }, () => randomBytes(source.size));
  }
}

/** The files that lie in a folder itself, in the order of their names; none that begins with a dot. */
async function filesOf(folder: string): Promise<Uint8Array[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw unreadable(folder, error);
  });
  const paths = entries
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => join(folder, name))
    .sort();
  if (paths.length === 0) throw empty(`The folder ${folder} has no file in it.`);
  const bodies: Uint8Array[] = [];
  let total = 0;
  for (const path of paths) {
    total += (await stat(path)).size;
    if (total > MOST_BYTES) throw empty(`The files of ${folder} are more than 1 GiB together.`);
    bodies.push(await read(path));
  }
  return bodies;
}

/** Each line that is not blank, without its end. */
async function linesOf(path: string): Promise<Uint8Array[]> {
  const lines = (await read(path)).toString('utf8').split(/\r?\n/);
  const bodies = lines.filter((line) => line.trim() !== '').map((line) => Buffer.from(line));
  if (bodies.length === 0) throw empty(`The file ${path} has no line that is not blank.`);
  return bodies;
}

function read(path: string): Promise<Buffer> {
  return readFile(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
}

function digestOf(bodies: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const body of bodies) hash.update(`${body.length}:`).update(body);
  return hash.digest('hex').slice(0, 16);
}

function unreadable(path: string, cause: unknown): SmlocalError {
  return new SmlocalError(`The payload cannot be read: ${messageOf(cause)}`, {
    hint: `Name another file or folder than ${path}.`,
    exitCode: ExitCode.usage,
    cause,
  });
}

function empty(message: string): SmlocalError {
  return new SmlocalError(message, {
    hint: 'Name another, or give one payload as an argument.',
    exitCode: ExitCode.usage,
  });
}
