import { checkBucketName } from './bucket-name.js';
import type { Bucket } from './buckets.js';
import { s3Error } from './errors.js';
import type { S3Parts, S3Request } from './request.js';

/** The longest key, in bytes of UTF-8. */
const MOST_KEY_BYTES = 1024;

/** The bucket of a request. @throws ServiceError `NoSuchBucket`, `InvalidBucketName`, `AccessDenied` for another's */
export async function findBucket(request: S3Request, parts: S3Parts): Promise<Bucket> {
  checkBucketName(request.bucket);
  const bucket = await parts.buckets.find(request.bucket);
  if (bucket === undefined) throw noSuchBucket(request.bucket);
  const owner = request.headers['x-amz-expected-bucket-owner'];
  if (owner !== undefined && owner !== request.caller.accountId) throw s3Error('AccessDenied');
  return bucket;
}

/** @throws ServiceError `KeyTooLongError` */
export function checkKey(key: string): void {
  const bytes = Buffer.byteLength(key);
  if (bytes > MOST_KEY_BYTES) {
    throw s3Error('KeyTooLongError', { Size: bytes, MaxSizeAllowed: MOST_KEY_BYTES });
  }
}

export function noSuchBucket(name: string) {
  return s3Error('NoSuchBucket', { BucketName: name });
}
