import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { flush, flushTree } from '../flush.js';
import { hasCode } from './fs-errors.js';

const PARTIAL = '.partial-';

/**
 * Directories that are made once and kept under a name that their content decides. One is made beside its place and
 * renamed, so that there is never half of one, not even after a power cut; what a killed process left half made is removed
 * at the next start.
 */
export class DirectoryCache {
  #ready: Promise<void> | undefined;

  constructor(private readonly folder: string) {}

  /** The path that has, or would have, this name. */
  pathOf(name: string): string {
    return join(this.folder, name);
  }

  /** The directory of this name, where there is one. */
  async get(name: string): Promise<string | undefined> {
    const path = this.pathOf(name);
    return (await isDirectory(path)) ? path : undefined;
  }

  /** Lets `fill` fill an empty directory and say what its name is. Where it fails nothing is left. */
  async add(fill: (directory: string) => Promise<string>): Promise<string> {
    await this.#prepare();
    const partial = join(this.folder, `${ownPrefix()}${randomUUID()}`);
    try {
      await mkdir(partial);
      // Whatever the umask: the container's user need not be ours.
      await chmod(partial, 0o755);
      const path = this.pathOf(await fill(partial));
      await flushTree(partial);
      await rename(partial, path).catch(async (error: unknown) => {
        // The same content is there already, made at the same time or from another file.
        if (!hasCode(error, 'ENOTEMPTY', 'EEXIST') || !(await isDirectory(path))) throw error;
      });
      await flush(this.folder);
      return path;
    } finally {
      await rm(partial, { recursive: true, force: true });
    }
  }

  #prepare(): Promise<void> {
    this.#ready ??= removeLeftOvers(this.folder).catch((error: unknown) => {
      this.#ready = undefined;
      throw error;
    });
    return this.#ready;
  }
}

/** Names this process's own half-made directories; its start time tells it from an earlier one with the same id. */
function ownPrefix(): string {
  return `${PARTIAL}${process.pid}-${Math.round(performance.timeOrigin)}-`;
}

async function removeLeftOvers(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) {
    if (!name.startsWith(PARTIAL) || name.startsWith(ownPrefix())) continue;
    await rm(join(folder, name), { recursive: true, force: true });
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}
