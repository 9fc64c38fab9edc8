import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { contentOf, hashing, type SourceFile } from './source-file.js';

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
  await pipeline(
    contentOf(file),
    hashing(hash, options.onBytes),
    createWriteStream(join(directory, name), { flags: 'wx' }),
    {
      signal: options.signal,
    },
  );
  await chmod(join(directory, name), 0o644);
  return hash.digest('hex');
}
