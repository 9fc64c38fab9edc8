import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import type { PackInput } from './pack-inputs.js';

/** Raised whenever packing itself gives other bytes for the same files. */
const FORMAT = 1;

/** One member as it was packed: name, kind, mode, size, link, identity, SHA-256 of the content. */
type Row = readonly [string, PackInput['kind'], number, number, string, string, string];

/** What a package was made of, kept beside it, so that the same is not packed twice. */
export interface PackRecord {
  readonly format: typeof FORMAT;
  readonly digest: string;
  readonly bytes: number;
  /** What the package's own file looked like when it was written. */
  readonly identity: string;
  readonly rows: readonly Row[];
}

/** The record of a package; undefined where there is none that can be read. */
export async function readRecord(path: string): Promise<PackRecord | undefined> {
  try {
    const record = JSON.parse(await readFile(path, 'utf8')) as PackRecord;
    return record.format === FORMAT && Array.isArray(record.rows) ? record : undefined;
  } catch {
    return undefined;
  }
}

export async function writeRecord(path: string, record: Omit<PackRecord, 'format'>): Promise<void> {
  const partial = `${path}.${process.pid}.partial`;
  try {
    await writeFile(partial, JSON.stringify({ format: FORMAT, ...record }), { mode: 0o600 });
    await rename(partial, path);
  } finally {
    await rm(partial, { force: true });
  }
}

export function rowsOf(
  inputs: readonly PackInput[],
  contents: ReadonlyMap<string, string>,
): readonly Row[] {
  return inputs.map(({ name, kind, mode, size, linkpath, identity }) => [
    ...([name, kind, mode, size, linkpath, identity] as const),
    contents.get(name) ?? '',
  ]);
}

/**
 * Whether the inputs are what was packed. A file whose size, time and inode are those of then is; one that was merely
 * touched, or checked out anew, is read and compared.
 *
 * @returns the contents by name, where all are the same; undefined where anything differs
 */
export async function unchangedContents(
  inputs: readonly PackInput[],
  rows: readonly Row[],
  signal: AbortSignal,
): Promise<{ contents: Map<string, string>; touched: boolean } | undefined> {
  if (inputs.length !== rows.length) return undefined;
  const alike = inputs.every((input, index) => isAlike(input, rows[index]));
  if (!alike) return undefined;
  const contents = new Map<string, string>();
  let touched = false;
  for (const [index, input] of inputs.entries()) {
    if (input.kind !== 'file') continue;
    const [, , , , , identity = '', content = ''] = rows[index] ?? [];
    if (identity !== input.identity) {
      touched = true;
      if ((await digestOf(input.path, signal)) !== content) return undefined;
    }
    contents.set(input.name, content);
  }
  return { contents, touched };
}

function isAlike(input: PackInput, row: Row | undefined): boolean {
  if (row === undefined) return false;
  const [name, kind, mode, size, linkpath] = row;
  return (
    input.name === name &&
    input.kind === kind &&
    input.mode === mode &&
    input.size === size &&
    input.linkpath === linkpath
  );
}

/** SHA-256 of a file's content, in hexadecimal digits. */
export async function digestOf(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024, signal })) {
    hash.update(chunk as Buffer);
  }
  return hash.digest('hex');
}
