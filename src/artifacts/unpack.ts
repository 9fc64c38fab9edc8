import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { createGunzip, type Gunzip } from 'node:zlib';
import { messageOf } from '../errors.js';
import { ArchiveError } from './archive-error.js';
import { Extractor } from './extract.js';
import { hasCode } from './fs-errors.js';
import { checkGzip, SNIFFED_BYTES } from './sniff.js';
import { contentOf, hashing, type SourceFile } from './source-file.js';
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
  const source = contentOf(file);
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  const feeding = pipeline(source, hashing(hash, options.onBytes), gunzip, {
    signal: options.signal,
  });
  const outcomes = await Promise.allSettled([feeding, extract(gunzip, directory, options.limits)]);
  options.signal.throwIfAborted();
  throwFirstCause(outcomes);
  return hash.digest('hex');
}

async function sniff({ handle }: SourceFile): Promise<void> {
  const head = Buffer.alloc(SNIFFED_BYTES);
  const { bytesRead } = await handle.read(head, 0, SNIFFED_BYTES, 0);
  checkGzip(head.subarray(0, bytesRead));
}

async function extract(
  gunzip: Gunzip,
  directory: string,
  { maxBytes, maxEntries }: ArtifactLimits,
): Promise<void> {
  const reader = new TarReader(maxEntries);
  const extractor = new Extractor(directory, maxEntries);
  let bytes = 0;
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
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

/** Where both sides failed, one of them only says that the other has gone. */
function throwFirstCause(outcomes: readonly PromiseSettledResult<void>[]): void {
  const reasons = outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
  if (reasons.length === 0) return;
  const cause: unknown =
    reasons.find((each) => !hasCode(each, 'ERR_STREAM_PREMATURE_CLOSE')) ?? reasons[0];
  if (hasCode(cause, 'Z_BUF_ERROR')) {
    throw new ArchiveError('it is cut short: the gzip data ends too early', { cause });
  }
  if (hasCode(cause, 'Z_DATA_ERROR', 'Z_NEED_DICT')) {
    throw new ArchiveError(`it is damaged: gzip says ${messageOf(cause)}`, { cause });
  }
  throw cause;
}
