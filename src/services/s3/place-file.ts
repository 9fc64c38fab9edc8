import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf } from './fs-code.js';

/** A file stands where the key needs a folder, or a folder with something in it where the key needs a file. */
const IN_THE_WAY = ['ENOTDIR', 'EEXIST', 'EISDIR', 'ENOTEMPTY', 'EPERM', 'ENAMETOOLONG'];

const MOST_TRIES = 8;

/**
 * Moves a finished file to its place under a bucket's folder, in one step: whoever reads sees the old bytes or the new.
 *
 * @returns false where something else of the bucket's is in the way
 */
export async function placeFile(
  from: string,
  bucketFolder: string,
  parts: readonly string[],
): Promise<boolean> {
  const to = join(bucketFolder, ...parts);
  for (let tries = 1; ; tries += 1) {
    try {
      if (parts.length > 1) await mkdir(dirname(to), { recursive: true });
      await move(from, to);
      return true;
    } catch (error) {
      const code = codeOf(error);
      // Another's delete removes folders as they become empty.
      if (code === 'ENOENT' && tries < MOST_TRIES) continue;
      if (!IN_THE_WAY.includes(code)) throw error;
      if (tries > 1 || !(await removeEmptyTree(to))) return false;
    }
  }
}

/** A bucket's folder may be a link to another disk, to which nothing can be renamed. */
async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (codeOf(error) !== 'EXDEV') throw error;
    const partial = join(dirname(to), `.smlocal-${randomUUID()}.partial`);
    try {
      await copyFile(from, partial, constants.COPYFILE_EXCL);
      await synced(partial);
      await rename(partial, to);
    } finally {
      await rm(partial, { force: true });
    }
    await rm(from, { force: true });
  }
}

async function synced(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Removes a folder in which there are only folders. @returns whether it is gone */
export async function removeEmptyTree(folder: string): Promise<boolean> {
  try {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (!entry.isDirectory()) return false;
      if (!(await removeEmptyTree(join(folder, entry.name)))) return false;
    }
    await rmdir(folder);
    return true;
  } catch {
    return false; // It is no folder, or something has been put into it meanwhile.
  }
}

/** Removes the folders above a file that have become empty, up to the bucket's own. */
export async function removeEmptyParents(bucketFolder: string, parts: readonly string[]) {
  for (let length = parts.length - 1; length > 0; length -= 1) {
    try {
      await rmdir(join(bucketFolder, ...parts.slice(0, length)));
    } catch {
      return;
    }
  }
}
