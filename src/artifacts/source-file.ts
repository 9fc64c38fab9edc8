import type { Hash } from 'node:crypto';
import type { BigIntStats, ReadStream } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';

/** A file of the user's, open for reading, and what it looked like then. */
export interface SourceFile {
  /** With all symbolic links resolved. */
  readonly path: string;
  readonly handle: FileHandle;
  readonly stat: BigIntStats;
}

/** Opens a file and runs `read` on it; it is closed whatever happens. */
export async function withSourceFile<T>(
  path: string,
  read: (file: SourceFile) => Promise<T>,
): Promise<T> {
  const resolved = await realpath(path);
  const handle = await open(resolved, 'r');
  try {
    return await read({ path: resolved, handle, stat: await handle.stat({ bigint: true }) });
  } finally {
    await handle.close();
  }
}

/** A string that changes whenever the file's content may have: what the cache knows a file by. */
export function identityOf({ path, stat }: Pick<SourceFile, 'path' | 'stat'>): string {
  return JSON.stringify([path, ...[stat.size, stat.mtimeNs, stat.ino, stat.ctimeNs].map(String)]);
}

/** Whether the file has been written to since it was opened. */
export async function hasChanged({ handle, stat }: SourceFile): Promise<boolean> {
  const now = await handle.stat({ bigint: true });
  return now.size !== stat.size || now.mtimeNs !== stat.mtimeNs;
}

/** Everything in the file from its start, in large pieces. The handle stays open. */
export function contentOf({ handle }: SourceFile): ReadStream {
  return handle.createReadStream({ start: 0, highWaterMark: 1024 * 1024, autoClose: false });
}

/** A stage of a pipeline that hashes and counts what goes through. */
export function hashing(hash: Hash, onBytes: (done: number) => void) {
  return async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let done = 0;
    for await (const chunk of chunks) {
      hash.update(chunk);
      done += chunk.length;
      onBytes(done);
      yield chunk;
    }
  };
}
