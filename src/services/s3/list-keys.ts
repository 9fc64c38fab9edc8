import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { unlessAbsent } from './fs-code.js';
import { compareKeys } from './key-order.js';
import { isPartial, naturalPath } from './key-path.js';

/** What a listing is not interested in; it may change while the listing goes on. */
export interface Cursor {
  /** Only keys behind this one. */
  after: string;
  /** No key that begins so. */
  skip: string | undefined;
}

/**
 * The keys that files in a bucket's folder stand for, in S3's order: a folder sorts as its name with a slash behind it, for
 * so all its keys begin. Folders of no interest are not read. A link to a file is an object; a link to a folder is not gone
 * into, for it may lead round in a circle.
 */
export async function* keysOfFiles(
  bucketFolder: string,
  prefix: string,
  cursor: Cursor,
  folderKey = '',
): AsyncGenerator<string> {
  for (const key of await entriesOf(bucketFolder, folderKey)) {
    const isFolder = key.endsWith('/');
    if (isFolder ? !leadsTo(key, prefix) : !key.startsWith(prefix)) continue;
    if (cursor.skip !== undefined && key.startsWith(cursor.skip)) continue;
    if (isFolder) {
      if (compareKeys(key, cursor.after) > 0 || cursor.after.startsWith(key))
        yield* keysOfFiles(bucketFolder, prefix, cursor, key);
    } else if (compareKeys(key, cursor.after) > 0) {
      yield key;
    }
  }
}

/** Whether keys under a folder may begin with the prefix. */
function leadsTo(folderKey: string, prefix: string): boolean {
  return folderKey.startsWith(prefix) || prefix.startsWith(folderKey);
}

async function entriesOf(bucketFolder: string, folderKey: string): Promise<string[]> {
  const folder = join(bucketFolder, folderKey);
  const entries = (await unlessAbsent(readdir(folder, { withFileTypes: true }))) ?? [];
  const keys = await Promise.all(entries.map((entry) => keyOf(folder, folderKey, entry)));
  return keys.filter((key) => key !== undefined).sort(compareKeys);
}

/** Undefined for what is no part of a key: sockets, broken links, names that are no text. */
async function keyOf(
  folder: string,
  folderKey: string,
  entry: Dirent,
): Promise<string | undefined> {
  const { name } = entry;
  if (isPartial(name) || name.includes('\ufffd') || naturalPath(name) === undefined)
    return undefined;
  if (entry.isDirectory()) return `${folderKey}${name}/`;
  if (entry.isFile()) return `${folderKey}${name}`;
  const target = entry.isSymbolicLink() ? await unlessAbsent(stat(join(folder, name))) : undefined;
  return target?.isFile() ? `${folderKey}${name}` : undefined;
}

/** Keys that are kept elsewhere, as {@link keysOfFiles} gives those of files. */
export async function* keysOfSet(
  keys: Iterable<string>,
  prefix: string,
  cursor: Cursor,
): AsyncGenerator<string> {
  const wanted = [...keys].filter((key) => key.startsWith(prefix)).sort(compareKeys);
  for (const key of wanted) {
    if (cursor.skip !== undefined && key.startsWith(cursor.skip)) continue;
    if (compareKeys(key, cursor.after) > 0) yield key;
  }
}

/** Two listings in one, in order; a key in both comes once. */
export async function* merged(
  a: AsyncGenerator<string>,
  b: AsyncGenerator<string>,
): AsyncGenerator<string> {
  let [left, right] = await Promise.all([a.next(), b.next()]);
  while (!left.done || !right.done) {
    const order = left.done ? 1 : right.done ? -1 : compareKeys(left.value, right.value);
    yield order <= 0 ? left.value : right.value;
    if (order <= 0) left = await a.next();
    if (order >= 0) right = await b.next();
  }
}
