import { createHash } from 'node:crypto';
import { createGunzip, type Gunzip } from 'node:zlib';
import { messageOf } from '../errors.js';
import { ArchiveError } from './archive-error.js';
import { Extractor } from './extract.js';
import { hasCode } from './fs-errors.js';
import { checkGzip, SNIFFED_BYTES } from './sniff.js';
import { contentOf, type SourceFile } from './source-file.js';
import { TarReader } from './tar-reader.js';

/**
 * What an archive may hold at most. There is no limit on the ratio of compression: a model of zeros (one that is made
 * for a test, or a sparse embedding) packs a thousand to one, which is also all that gzip can do.
 */
export interface ArtifactLimits {
  /** Bytes of unpacked tar data. */
  readonly maxBytes: number;
  /** Files, directories and links, directories that are only implied included. */
  readonly maxEntries: number;
}

export interface UnpackOptions {
  readonly limits: ArtifactLimits;
  readonly signal: AbortSignal;
  /** Called with the number of the archive's bytes read so far. */
  readonly onBytes: (done: number) => void;
}

const CHUNK_BYTES = 1024 * 1024;

/**
 * Unpacks a `.tar.gz` into an empty directory in one pass, and returns the SHA-256 of the archive's bytes.
 *
 * @throws ArchiveError where the archive is refused. What was written until then is for the caller to remove.
 */
export async function unpack(
  file: SourceFile,
  directory: string,
  options: UnpackOptions,
): Promise<string> {
  await sniff(file);
  const hash = createHash('sha256');
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  // An error after the extraction has stopped reading must not end the process for want of a listener.
  gunzip.on('error', () => undefined);
  // Whatever goes wrong reaches the extraction; the feeding alone can fail only in what follows the gzip data.
  const [extracting, feeding] = await Promise.allSettled([
    extract(gunzip, directory, options),
    feed(gunzip, contentOf(file, hash, options.onBytes), options.signal),
  ]);
  if (extracting.status === 'rejected') throw explained(extracting.reason);
  if (feeding.status === 'rejected') throw feeding.reason;
  return hash.digest('hex');
}

async function sniff({ handle }: SourceFile): Promise<void> {
  const head = Buffer.alloc(SNIFFED_BYTES);
  const { bytesRead } = await handle.read(head, 0, SNIFFED_BYTES, 0);
  checkGzip(head.subarray(0, bytesRead));
}

async function feed(
  gunzip: Gunzip,
  pieces: AsyncIterable<Buffer>,
  signal: AbortSignal,
): Promise<void> {
  try {
    for await (const piece of pieces) {
      signal.throwIfAborted();
      // Zeros may follow the gzip data; they are hashed with the rest.
      if (gunzip.readableEnded) continue;
      if (gunzip.destroyed) return;
      await write(gunzip, piece);
    }
    gunzip.end();
  } catch (error) {
    gunzip.destroy(error instanceof Error ? error : new Error(messageOf(error)));
    throw error;
  }
}

/** Resolves when the piece is taken, which waits for the reader of what comes out. */
function write(gunzip: Gunzip, piece: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      gunzip.off('close', settle);
      if (gunzip.errored && !gunzip.readableEnded) reject(gunzip.errored);
      else resolve();
    };
    // Where the data is damaged zlib closes the stream without calling back.
    gunzip.once('close', settle);
    gunzip.write(piece, settle);
  });
}

async function extract(
  gunzip: Gunzip,
  directory: string,
  { limits: { maxBytes, maxEntries }, signal }: UnpackOptions,
): Promise<void> {
  const reader = new TarReader(maxEntries);
  const extractor = new Extractor(directory, maxEntries);
  let bytes = 0;
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      signal.throwIfAborted();
      bytes += chunk.length;
      if (bytes > maxBytes) throw new ArchiveError(`it unpacks to more than ${maxBytes} bytes`);
      for (const item of reader.read(chunk)) await extractor.take(item);
    }
    reader.end();
    await extractor.finish();
  } finally {
    await extractor.dispose();
  }
}

/** What zlib's codes mean for an archive. */
function explained(cause: unknown): unknown {
  if (hasCode(cause, 'Z_BUF_ERROR')) {
    return new ArchiveError('it is cut short: the gzip data ends too early', { cause });
  }
  if (!hasCode(cause, 'Z_DATA_ERROR', 'Z_NEED_DICT')) return cause;
  return new ArchiveError(`it is damaged: gzip says ${messageOf(cause)}`, { cause });
}
