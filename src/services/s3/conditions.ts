import type { IncomingHttpHeaders } from 'node:http';
import { s3Error } from './errors.js';
import type { ObjectRecord } from './object-record.js';

type Known = Pick<ObjectRecord, 'etag' | 'lastModified'>;

/**
 * The conditions of a GET, a HEAD or a copy's source (S3 API reference, GetObject): If-Match that holds outweighs
 * If-Unmodified-Since, If-None-Match that holds outweighs If-Modified-Since.
 *
 * @param prefix what begins the headers' names: `x-amz-copy-source-` for a copy's source, which knows no 304
 * @throws ServiceError `PreconditionFailed`, 412, or `NotModified`, 304
 */
export function checkReadConditions(
  headers: IncomingHttpHeaders,
  object: Known,
  prefix = '',
): void {
  const header = (name: string) => headers[prefix + name]?.toString();
  const match = header('if-match');
  if (match !== undefined) {
    if (!matches(match, object)) throw failed('If-Match');
  } else if (isAfter(object, header('if-unmodified-since'))) {
    throw failed('If-Unmodified-Since');
  }
  const noneMatch = header('if-none-match');
  const since = header('if-modified-since');
  const isUnchanged =
    noneMatch !== undefined ? matches(noneMatch, object) : isDate(since) && !isAfter(object, since);
  if (!isUnchanged) return;
  throw prefix === ''
    ? s3Error('NotModified', { ETag: `"${object.etag}"` })
    : failed('If-None-Match');
}

/**
 * The conditions of a write: only where nothing is there (`If-None-Match: *`), or only over what one has seen (`If-Match`).
 * @throws ServiceError `PreconditionFailed`, or `NoSuchKey` where there is nothing that could match
 */
export function checkWriteConditions(
  headers: IncomingHttpHeaders,
  key: string,
  current: Known | undefined,
): void {
  if (headers['if-none-match'] !== undefined) {
    if (headers['if-none-match'] !== '*') {
      throw s3Error('NotImplemented', { Header: 'If-None-Match' });
    }
    if (current !== undefined) throw failed('If-None-Match');
  }
  const match = headers['if-match'];
  if (match === undefined) return;
  if (current === undefined) throw s3Error('NoSuchKey', { Key: key });
  if (!matches(match, current)) throw failed('If-Match');
}

/** Whether a write has any condition, for which what is there must be looked at. */
export function isConditional(headers: IncomingHttpHeaders): boolean {
  return headers['if-match'] !== undefined || headers['if-none-match'] !== undefined;
}

function matches(list: string, { etag }: Known): boolean {
  return list
    .split(',')
    .map((one) => one.trim().replace(/^W\//, '').replace(/^"|"$/g, ''))
    .some((one) => one === '*' || one === etag);
}

function isDate(text: string | undefined): text is string {
  return text !== undefined && !Number.isNaN(Date.parse(text));
}

/** HTTP's dates have no fractions of a second. */
function isAfter({ lastModified }: Known, date: string | undefined): boolean {
  return isDate(date) && Math.floor(lastModified.getTime() / 1000) * 1000 > Date.parse(date);
}

function failed(condition: string) {
  return s3Error('PreconditionFailed', { Condition: condition });
}
