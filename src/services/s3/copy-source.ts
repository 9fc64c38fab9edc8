import { checkReadConditions } from './conditions.js';
import { invalidArgument, s3Error } from './errors.js';
import { findBucket } from './find.js';
import type { OpenObject } from './object-store.js';
import type { ByteRange } from './range.js';
import type { S3Parts, S3Request } from './request.js';

/** The most that one copy may come to. */
const MOST_BYTES = 5 * 1024 ** 3;

const RANGE = /^bytes=(\d+)-(\d+)$/;

/** The object that `x-amz-copy-source` names. */
export function copySourceOf({ headers }: S3Request): { bucket: string; key: string } {
  const text = String(headers['x-amz-copy-source']);
  const [path = '', query = ''] = text.replace(/^\//, '').split('?');
  const version = new URLSearchParams(query).get('versionId');
  if (version !== null && version !== 'null') {
    throw invalidArgument('Invalid version id specified', 'x-amz-copy-source', text);
  }
  const [bucket = '', ...key] = decoded(path, text).split('/');
  if (bucket === '' || key.join('/') === '') {
    throw invalidArgument(
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
      'x-amz-copy-source',
      text,
    );
  }
  return { bucket, key: key.join('/') };
}

/** Opens a copy's source where its conditions hold; the caller closes it. @throws ServiceError */
export async function openCopySource(request: S3Request, parts: S3Parts): Promise<OpenObject> {
  const { bucket, key } = copySourceOf(request);
  const owner = request.headers['x-amz-source-expected-bucket-owner'];
  const headers = { 'x-amz-expected-bucket-owner': owner };
  await findBucket({ ...request, bucket, headers }, parts);
  const source = await parts.objects.open(bucket, key);
  if (source === undefined) throw s3Error('NoSuchKey', { Key: key });
  try {
    checkReadConditions(request.headers, source.record, 'x-amz-copy-source-');
    return source;
  } catch (error) {
    await source.handle.close();
    throw error;
  }
}

/** The bytes of the source that `x-amz-copy-source-range` asks for; all where there is none. */
export function copyRangeOf({ headers }: S3Request, size: number): ByteRange {
  const text = headers['x-amz-copy-source-range']?.toString();
  const [, first, last] = RANGE.exec(text ?? '') ?? [];
  const range =
    text === undefined
      ? { from: 0, until: size }
      : { from: Number(first), until: Number(last) + 1 };
  if (text !== undefined && (first === undefined || range.until <= range.from)) {
    throw invalidArgument(
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
      'x-amz-copy-source-range',
      text,
    );
  }
  if (range.until > size) {
    throw invalidArgument(
      `Range specified is not valid for source object of size: ${size}`,
      'x-amz-copy-source-range',
      text ?? '',
    );
  }
  if (range.until - range.from > MOST_BYTES) {
    throw s3Error(
      'InvalidRequest',
      {},
      `The specified copy source is larger than the maximum allowable size for a copy source: ${MOST_BYTES}`,
    );
  }
  return range;
}

function decoded(path: string, text: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw invalidArgument('Invalid copy source encoding', 'x-amz-copy-source', text);
  }
}
