import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { contentOf, type SourceFile } from './source-file.js';

/**
 * Puts one uncompressed object into a directory under the last part of its key, as SageMaker does with `S3Object` and
 * `None`. Copied and not linked: a hard link would count on the user's file. Returns what the directory is known by.
 */
export async function copyObject(
  file: SourceFile,
  directory: string,
  options: { signal: AbortSignal; onBytes: (done: number) => void },
): Promise<string> {
  const name = basename(file.path);
  const hash = createHash('sha256').update(JSON.stringify(['object', name]));
  const copy = await open(join(directory, name), 'wx', 0o600);
  try {
    for await (const piece of contentOf(file, hash, options.onBytes)) {
      options.signal.throwIfAborted();
      await copy.writeFile(piece);
    }
    await copy.chmod(0o644);
  } finally {
    await copy.close();
  }
  return hash.digest('hex');
}
