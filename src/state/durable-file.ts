import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { flush, throwUnlessNoFlush } from '../flush.js';

/** Ends the names of files that are not whole yet. */
const PARTIAL = '.partial';

/**
 * Replaces a file whole, and returns when the new one would be there after a power cut: its content is flushed before it
 * takes the name, and the directory after.
 *
 * @throws whatever the file system throws; the file is then as it was
 */
export async function writeDurably(file: string, text: string): Promise<void> {
  const partial = `${file}.${randomUUID()}${PARTIAL}`;
  try {
    const handle = await open(partial, 'wx', 0o600);
    try {
      // Goes on until every byte is written: a disk that fills up takes half of a write without an error.
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true }).catch(() => undefined);
    throw error;
  }
  await flush(dirname(file));
}

/** Removes a file, and returns when it would stay away after a power cut. */
export async function removeDurably(file: string): Promise<void> {
  await rm(file, { force: true });
  await flush(dirname(file));
}

/** Makes a directory with whatever leads to it, and removes what a killed process has left half written in it. */
export function openDirectory(directory: string): void {
  const first = mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (first !== undefined) flushUpTo(dirname(resolve(first)), dirname(resolve(directory)));
  for (const name of readdirSync(directory)) {
    if (name.endsWith(PARTIAL)) rmSync(join(directory, name), { force: true });
  }
}

function flushUpTo(top: string, directory: string): void {
  flushDirectorySync(directory);
  if (directory !== top && dirname(directory) !== directory) flushUpTo(top, dirname(directory));
}

function flushDirectorySync(directory: string): void {
  try {
    const handle = openSync(directory, 'r');
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    throwUnlessNoFlush(error);
  }
}
