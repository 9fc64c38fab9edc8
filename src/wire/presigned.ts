import { s3Error } from '../services/s3/errors.js';

/** `20260101T120000Z` */
const STAMP = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

const MOST_SECONDS = 7 * 24 * 60 * 60;

/**
 * Holds a presigned URL to its time, of either version of AWS's signatures.
 * @throws ServiceError `AccessDenied` where it has passed, `AuthorizationQueryParametersError` where it is none
 */
export function checkPresignedTime(query: URLSearchParams, now: Date): void {
  const ends = query.has('X-Amz-Signature') ? endOfV4(query) : endOfV2(query);
  if (ends === undefined || now.getTime() <= ends) return;
  throw s3Error(
    'AccessDenied',
    {
      ...(query.has('X-Amz-Expires') ? { 'X-Amz-Expires': query.get('X-Amz-Expires') } : {}),
      Expires: new Date(ends),
      ServerTime: now,
    },
    'Request has expired',
  );
}

function endOfV4(query: URLSearchParams): number {
  const [, year, month, day, hour, minute, second] =
    STAMP.exec(query.get('X-Amz-Date') ?? '') ?? [];
  if (year === undefined) {
    throw malformed("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  }
  const expires = query.get('X-Amz-Expires') ?? '';
  if (!/^\d+$/.test(expires)) throw malformed('X-Amz-Expires should be a number');
  if (Number(expires) > MOST_SECONDS) {
    throw malformed('X-Amz-Expires must be less than a week (in seconds) that is 604800');
  }
  const began = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return began + Number(expires) * 1000;
}

function endOfV2(query: URLSearchParams): number | undefined {
  const expires = query.get('Expires');
  if (!query.has('Signature') || expires === null) return undefined;
  return Number(expires) * 1000;
}

function malformed(message: string) {
  return s3Error('AuthorizationQueryParametersError', {}, message);
}
