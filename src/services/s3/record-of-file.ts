import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { identityOf, type ObjectRecord } from './object-record.js';

const PIECE_BYTES = 1024 * 1024;

/** The record of a file that was put into a bucket's folder by hand, whose MD5 is taken by reading it. */
export async function recordOfFile(key: string, path: string): Promise<ObjectRecord> {
  const handle = await open(path, 'r');
  try {
    const file = await handle.stat({ bigint: true });
    const hash = createHash('md5');
    const piece = Buffer.allocUnsafeSlow(PIECE_BYTES);
    for (;;) {
      const { bytesRead } = await handle.read(piece, 0, PIECE_BYTES);
      if (bytesRead === 0) break;
      hash.update(piece.subarray(0, bytesRead));
    }
    return {
      key,
      identity: identityOf(file),
      isAside: false,
      size: Number(file.size),
      etag: hash.digest('hex'),
      lastModified: file.mtime,
      headers: {},
      metadata: {},
      tags: {},
    };
  } finally {
    await handle.close();
  }
}
