import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** What file systems answer that cannot flush a directory, Windows' among them; there is nothing more to be done then. */
const NO_FLUSH = new Set(['EINVAL', 'EISDIR', 'ENOTSUP', 'EPERM', 'EBADF']);

/** So many at once share the commits of the file system's journal, where each alone would wait for its own. */
const AT_ONCE = 16;

/** Returns when a file's content, or the names in a directory, would be there after a power cut. */
export async function flush(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } catch (error) {
    throwUnlessNoFlush(error);
  } finally {
    await handle.close();
  }
}

/** Returns when every file of a directory, at any depth, would be there and whole after a power cut. */
export async function flushTree(root: string): Promise<void> {
  const entries = await readdir(root, { withFileTypes: true, recursive: true });
  const left = entries.values();
  const worker = async () => {
    for (const entry of left) {
      if (entry.isFile() || entry.isDirectory()) await flush(join(entry.parentPath, entry.name));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  await flush(root);
}

/** @throws an error of the file system, unless it says that it cannot flush such a thing */
export function throwUnlessNoFlush(error: unknown): void {
  if (!NO_FLUSH.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
}
