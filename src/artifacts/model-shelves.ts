import { randomUUID } from 'node:crypto';
import {
  chmod,
  copyFile,
  link,
  mkdir,
  readdir,
  readlink,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from './fs-errors.js';

/** In the cache, so on the file system of what is unpacked there. */
const FOLDER = 'shelves';

const MODEL = 'model';

/** The folder that one container sees at /opt/ml/models, into which models come and from which they go while it runs. */
export class ModelShelf {
  constructor(readonly path: string) {}

  /** Makes the folder, empty. */
  async create(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
    await mkdir(this.path, { recursive: true });
    // Whatever the umask: the container's user need not be ours.
    await chmod(this.path, 0o755);
  }

  /**
   * Shows an unpacked model as `<id>/model`, whole or not at all. Its files are hard links: nothing is copied, and a bind
   * mount that has been made already shows them, which it would not show of a mount made below it later.
   */
  async put(id: string, directory: string): Promise<void> {
    const place = join(this.path, id);
    if (await exists(place)) return;
    const partial = `${place}.partial-${randomUUID()}`;
    try {
      await mkdir(partial);
      await chmod(partial, 0o755);
      await linkTree(directory, join(partial, MODEL));
      await rename(partial, place);
    } catch (error) {
      if (!(await exists(place))) throw error;
    } finally {
      await rm(partial, { recursive: true, force: true });
    }
  }

  /** Takes a model away; nothing happens where there is none. */
  async take(id: string): Promise<void> {
    await rm(join(this.path, id), { recursive: true, force: true });
  }

  /** Removes the shelf with all that is on it. */
  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

/** The shelves of a state folder's containers, by their names. */
export class ModelShelves {
  readonly #folder: string;

  constructor(stateDir: string) {
    this.#folder = join(stateDir, 'cache', FOLDER);
  }

  of(containerName: string): ModelShelf {
    return new ModelShelf(join(this.#folder, containerName));
  }

  /** Removes every shelf: no container is left. */
  async removeAll(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function linkTree(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) await linkTree(source, target);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else await linkOrCopy(source, target);
  }
  // Last: it may be one that nothing can be put into.
  await chmod(to, (await stat(from)).mode & 0o777);
}

/** Some file systems have no hard links, and all have a limit to them. */
async function linkOrCopy(source: string, target: string): Promise<void> {
  await link(source, target).catch(async (error: unknown) => {
    if (!hasCode(error, 'EPERM', 'EXDEV', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP')) throw error;
    await copyFile(source, target);
  });
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
