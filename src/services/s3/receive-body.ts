import type { IncomingHttpHeaders } from 'node:http';
import { decodeAwsChunked } from './aws-chunked.js';
import { type Algorithm, type Checksum, checksumHeader } from './checksums.js';
import { checkForm, type DeclaredChecksum, declaredChecksum } from './declared-checksum.js';
import { s3Error } from './errors.js';
import type { Staged, Staging } from './staging.js';

/** The most that one PUT may carry (S3 user guide, "Multipart upload overview"). */
const MOST_BYTES = 5 * 1024 ** 3;

const HEX_SHA256 = /^[0-9a-f]{64}$/i;

/** A body that has come in, is on the disk, and is what its sender says it is. */
export interface Received {
  readonly staged: Staged;
  /** The checksum that the sender gave, or that was asked for. */
  readonly checksum: Checksum | undefined;
}

/**
 * Takes a request's body in: its framing off, its length, MD5, SHA-256 and checksum held against what the sender says.
 *
 * @param algorithm a checksum that is wanted even where the sender gives none
 * @throws ServiceError where the body is not as it should be; nothing of it is kept
 */
export async function receiveBody(
  request: { readonly headers: IncomingHttpHeaders; readonly body: AsyncIterable<Buffer> },
  staging: Staging,
  algorithm?: Algorithm,
): Promise<Received> {
  const { headers } = request;
  const length = lengthOf(headers);
  const declared = declaredChecksum(headers);
  const trailers = new Map<string, string>();
  const body = isFramed(headers) ? decodeAwsChunked(request.body, trailers) : request.body;
  const digests = wanted(declared?.algorithm ?? algorithm, headers);
  checkMd5Form(headers);
  const staged = await staging.write(within(body, length), digests);
  try {
    if (staged.size !== length) throw s3Error('IncompleteBody');
    checkDigests(headers, staged);
    return { staged, checksum: checksumOf(staged, declared, trailers, algorithm) };
  } catch (error) {
    await staged.discard();
    throw error;
  }
}

/** Whether the content comes in chunks of AWS's own. */
function isFramed(headers: IncomingHttpHeaders): boolean {
  return (
    String(headers['x-amz-content-sha256'] ?? '').startsWith('STREAMING-') ||
    /(^|,)\s*aws-chunked\s*(,|$)/i.test(headers['content-encoding'] ?? '')
  );
}

function lengthOf(headers: IncomingHttpHeaders): number {
  const decoded = headers['x-amz-decoded-content-length'];
  if (isFramed(headers) && decoded === undefined) throw s3Error('MissingContentLength');
  if (!isFramed(headers) && headers['transfer-encoding'] !== undefined) {
    throw s3Error('NotImplemented', { Header: 'Transfer-Encoding' });
  }
  const text = isFramed(headers) ? decoded : headers['content-length'];
  if (text === undefined) throw s3Error('MissingContentLength');
  const length = Number(text);
  if (!Number.isSafeInteger(length) || length < 0) throw s3Error('InvalidRequest');
  if (length > MOST_BYTES) {
    throw s3Error('EntityTooLarge', { ProposedSize: length, MaxSizeAllowed: MOST_BYTES });
  }
  return length;
}

/** Stops a body that is longer than it says before it fills the disk. */
async function* within(body: AsyncIterable<Buffer>, length: number): AsyncGenerator<Buffer> {
  let done = 0;
  for await (const piece of body) {
    done += piece.length;
    if (done > length) throw s3Error('IncompleteBody');
    yield piece;
  }
}

function wanted(algorithm: Algorithm | undefined, headers: IncomingHttpHeaders): Algorithm[] {
  const isHashed = HEX_SHA256.test(String(headers['x-amz-content-sha256'] ?? ''));
  return [
    ...(algorithm === undefined ? [] : [algorithm]),
    ...(isHashed ? ['SHA256' as const] : []),
  ];
}

function checkMd5Form(headers: IncomingHttpHeaders): void {
  const md5 = headers['content-md5'];
  if (md5 !== undefined && Buffer.from(String(md5), 'base64').length !== 16) {
    throw s3Error('InvalidDigest', { 'Content-MD5': md5 });
  }
}

function checkDigests(headers: IncomingHttpHeaders, { md5, checksums }: Staged): void {
  const expected = headers['content-md5'];
  const computed = Buffer.from(md5, 'hex').toString('base64');
  if (expected !== undefined && expected !== computed) {
    throw s3Error('BadDigest', { ExpectedDigest: expected, CalculatedDigest: computed });
  }
  const hash = String(headers['x-amz-content-sha256'] ?? '').toLowerCase();
  const actual = checksums.get('SHA256')?.toString('hex');
  if (HEX_SHA256.test(hash) && hash !== actual) {
    throw s3Error('XAmzContentSHA256Mismatch', {
      ClientComputedContentSHA256: hash,
      S3ComputedContentSHA256: actual,
    });
  }
}

function checksumOf(
  staged: Staged,
  declared: DeclaredChecksum | undefined,
  trailers: ReadonlyMap<string, string>,
  asked: Algorithm | undefined,
): Checksum | undefined {
  const algorithm = declared?.algorithm ?? asked;
  if (algorithm === undefined) return undefined;
  const value = staged.checksums.get(algorithm)?.toString('base64') ?? '';
  if (declared !== undefined) {
    const given = declared.value ?? trailers.get(checksumHeader(algorithm));
    if (given === undefined) throw s3Error('IncompleteBody');
    checkForm(algorithm, given);
    if (given !== value) throw badChecksum(algorithm);
  }
  return { algorithm, value, type: 'FULL_OBJECT' };
}

/** What S3 says to a checksum that is not that of what it received. */
export function badChecksum(algorithm: Algorithm) {
  return s3Error(
    'BadDigest',
    {},
    `The ${algorithm} you specified did not match the calculated checksum.`,
  );
}
