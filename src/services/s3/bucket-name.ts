import { s3Error } from './errors.js';

/** What a bucket may be called today (S3 user guide, "Bucket naming rules"). */
const NAME = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const ADDRESS = /^\d{1,3}(\.\d{1,3}){3}$/;
const RESERVED = /^(xn--|sthree-)|(-s3alias|--ol-s3|--x-s3|\.mrap)$/;

/** What a folder may be called that stands for a bucket already: also capitals and underscores, which older ones have. */
const OLD_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]$/;

/** @throws ServiceError `InvalidBucketName` where no new bucket may be called so */
export function checkNewBucketName(name: string): void {
  const isValid = NAME.test(name) && !name.includes('..') && !ADDRESS.test(name);
  if (!isValid || RESERVED.test(name)) throw invalid(name);
}

/** @throws ServiceError `InvalidBucketName` where no bucket can be called so; what passes is safe as a folder's name */
export function checkBucketName(name: string): void {
  if (!isBucketName(name)) throw invalid(name);
}

/** Whether a folder with this name stands for a bucket. */
export function isBucketName(name: string): boolean {
  return OLD_NAME.test(name) && !name.includes('..');
}

function invalid(name: string) {
  return s3Error('InvalidBucketName', { BucketName: name });
}
