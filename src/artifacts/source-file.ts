import type { Hash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { type FileHandle, open, realpath, stat } from 'node:fs/promises';

const PIECE_BYTES = 1024 * 1024;

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

/** As {@link identityOf}, of a file that need not be opened. */
export async function versionOf(path: string): Promise<string> {
  const resolved = await realpath(path);
  return identityOf({ path: resolved, stat: await stat(resolved, { bigint: true }) });
}

/** Whether the file has been written to since it was opened. */
export async function hasChanged({ handle, stat }: SourceFile): Promise<boolean> {
  const now = await handle.stat({ bigint: true });
  return now.size !== stat.size || now.mtimeNs !== stat.mtimeNs;
}

/**
 * Everything in the file from its start, in large pieces, each hashed and counted as it goes by. One piece is read ahead.
 */
export async function* contentOf(
  { handle }: SourceFile,
  hash: Hash,
  onBytes: (done: number) => void,
): AsyncGenerator<Buffer> {
  let done = 0;
  let next = readPiece(handle, 0);
  try {
    for (let piece = await next; piece.length > 0; piece = await next) {
      done += piece.length;
      next = readPiece(handle, done);
      hash.update(piece);
      onBytes(done);
      yield piece;
    }
  } finally {
    // The file may be closed only when nothing is reading it.
    await Promise.allSettled([next]);
  }
}

async function readPiece(handle: FileHandle, position: number): Promise<Buffer> {
  const piece = Buffer.allocUnsafeSlow(PIECE_BYTES);
  const { bytesRead } = await handle.read(piece, 0, PIECE_BYTES, position);
  return piece.subarray(0, bytesRead);
}
