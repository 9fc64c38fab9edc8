import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** Ends the names of files that are not whole yet. */
const PARTIAL = '.partial';

/** What file systems that cannot flush a directory answer, Windows' among them; there is nothing more to be done then. */
const NO_FLUSH = new Set(['EINVAL', 'EISDIR', 'ENOTSUP', 'EPERM', 'EBADF']);

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
  await flushDirectory(dirname(file));
}

/** Removes a file, and returns when it would stay away after a power cut. */
export async function removeDurably(file: string): Promise<void> {
  await rm(file, { force: true });
  await flushDirectory(dirname(file));
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

async function flushDirectory(directory: string): Promise<void> {
  try {
    const handle = await open(directory, 'r');
    await handle.sync().finally(() => handle.close());
  } catch (error) {
    throwUnlessNoFlush(error);
  }
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

function throwUnlessNoFlush(error: unknown): void {
  if (!NO_FLUSH.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
}
