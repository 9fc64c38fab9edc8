import type { FileHandle } from 'node:fs/promises';

const PIECE_BYTES = 256 * 1024;

/** The bytes of a file from one offset up to another, in pieces that are the reader's to keep. */
export async function* bytesOf(
  handle: FileHandle,
  from: number,
  until: number,
): AsyncGenerator<Buffer> {
  for (let at = from; at < until; ) {
    const piece = Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, until - at));
    const { bytesRead } = await handle.read(piece, 0, piece.length, at);
    if (bytesRead === 0) throw new Error('A file of S3 became shorter as it was read.');
    at += bytesRead;
    yield piece.subarray(0, bytesRead);
  }
}
