import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'vitest';
import { targz } from '../../artifacts/archive.js';

const FILES = 60;
const FILE_BYTES = 8 * 1024;

/** Writes an archive whose files are named by what is in them, beside the file `version`. @returns its URL */
export async function writeArchive(folder: string, version: string): Promise<string> {
  const members = Array.from({ length: FILES }, () => {
    const content = randomBytes(FILE_BYTES);
    return { name: digest(content), content };
  });
  const file = join(folder, `${version}.tar.gz`);
  await writeFile(file, targz({ name: 'version', content: `${version}\n` }, ...members));
  return pathToFileURL(file).href;
}

/** What is in the cache of a state folder, held against the names of the files; each entry once. */
export class CacheCheck {
  readonly #whole = new Set<string>();

  constructor(private readonly stateDir: string) {}

  get size(): number {
    return this.#whole.size;
  }

  async verify(): Promise<void> {
    const models = join(this.stateDir, 'cache', 'models');
    const entries = await readdir(models).catch(() => []);
    // What a killed daemon was about to unpack has a name by which nobody would ever look for it.
    const named = entries.filter((name) => !name.startsWith('.partial-'));
    for (const name of named.filter((entry) => !this.#whole.has(entry))) {
      await expectWhole(join(models, name));
      this.#whole.add(name);
    }
  }
}

async function expectWhole(directory: string): Promise<void> {
  const names = await readdir(directory);
  expect(names, directory).toHaveLength(FILES + 1);
  for (const name of names.filter((other) => other !== 'version')) {
    expect(digest(await readFile(join(directory, name))), directory).toBe(name);
  }
}

function digest(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 32);
}
