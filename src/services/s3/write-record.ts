import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from './fs-code.js';

const MOST_TRIES = 8;

/** Writes a JSON file in one step, in a folder that is made, and that another may remove as it becomes empty. */
export async function writeRecord(file: string, record: unknown): Promise<void> {
  const partial = `${file}.${randomUUID()}`;
  try {
    await writeInFolder(partial, JSON.stringify(record));
    await rename(partial, file);
  } finally {
    await rm(partial, { force: true });
  }
}

async function writeInFolder(path: string, text: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    await mkdir(dirname(path), { recursive: true });
    try {
      await writeFile(path, text, { mode: 0o600 });
      return;
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || tries === MOST_TRIES) throw error;
    }
  }
}
