import { type FileHandle, open } from 'node:fs/promises';
import { messageOf, SmlocalError } from '../../../errors.js';
import { s3Error } from '../errors.js';
import { unlessAbsent } from '../fs-code.js';
import { contentRange, rangeOf } from '../range.js';
import type { S3Answer, S3Request } from '../request.js';
import { type Forwarded, forwarded } from './forwarded.js';
import { kept, passed, type ReadingParts } from './kept-answer.js';
import type { CopyRecord, ObjectCache } from './object-cache.js';
import type { RemoteAnswer } from './remote.js';

/** With these it is not the whole of the object as it is now, or its reader decides by what it knows. */
const NOT_CACHED = [
  ...['if-none-match', 'if-modified-since', 'if-unmodified-since'],
  'x-amz-server-side-encryption-customer-algorithm',
];

/** Says where an answer's bytes are from: `hit` after the other S3 has said that they are still right, `stale` where it did not answer. */
const HEADER = 'x-smlocal-cache';

/**
 * GetObject and HeadObject of another S3: what has been read whole is kept by its ETag, and the other S3 is asked only whether it is
 * still that. Where it cannot be reached the copy is given, and the log and a header say so.
 */
export async function read(
  request: S3Request,
  method: 'GET' | 'HEAD',
  parts: ReadingParts,
): Promise<S3Answer> {
  const { bucket, key, headers } = request;
  if (!isCachedKind(request)) {
    const plain = forwarded(request, method);
    return passed(await parts.remote.send({ method, bucket, key, ...plain }));
  }
  const copy = await openCopy(request, parts.cache);
  const ifMatch = headers['if-match'];
  const fits = copy !== undefined && (ifMatch === undefined || ifMatch === copy.record.etag);
  let answer: S3Answer | undefined;
  try {
    answer = await (fits
      ? readBeside(copy, request, method, parts)
      : fetched(request, method, parts));
    return answer;
  } finally {
    if (copy !== undefined && answer?.file?.handle !== copy.handle) await copy.handle.close();
  }
}

/** A copy that is open, so that it can be read whatever becomes of its file. */
interface OpenCopy {
  readonly record: CopyRecord;
  readonly handle: FileHandle;
}

async function openCopy(
  { bucket, key }: S3Request,
  cache: ObjectCache,
): Promise<OpenCopy | undefined> {
  const found = await cache.find(bucket, key);
  const handle = found && (await unlessAbsent(open(found.path)));
  return handle && { record: found.record, handle };
}

async function readBeside(
  copy: OpenCopy,
  request: S3Request,
  method: 'GET' | 'HEAD',
  parts: ReadingParts,
): Promise<S3Answer> {
  const { bucket, key } = request;
  try {
    return method === 'HEAD'
      ? await fetched(request, method, parts)
      : await revalidated(copy, request, parts);
  } catch (error) {
    if (!(error instanceof SmlocalError)) throw error;
    const { etag, readAt } = copy.record;
    parts.log.warn(
      { bucket, key, etag, readAt, why: messageOf(error) },
      'a cached copy is given, for the S3 that has the object cannot be asked',
    );
    return fromCopy(request, method, copy, 'stale');
  }
}

/** The copy where the other S3 says that it is still right, else what it has now. */
async function revalidated(
  copy: OpenCopy,
  request: S3Request,
  parts: ReadingParts,
): Promise<S3Answer> {
  const { bucket, key } = request;
  const { query, headers } = asStored(forwarded(request, 'GET'));
  const { 'if-match': ifMatch, ...rest } = headers;
  const asked = { ...rest, 'if-none-match': copy.record.etag };
  const answer = await parts.remote.send({ method: 'GET', bucket, key, query, headers: asked });
  if (answer.statusCode === 304) {
    answer.resume();
    // Where it has another date its metadata have changed, and not its content.
    return isUnchanged(answer, copy.record)
      ? fromCopy(request, 'GET', copy, 'hit')
      : fetched(request, 'GET', parts);
  }
  if (ifMatch !== undefined && (answer.statusCode ?? 0) < 300) {
    answer.destroy();
    throw s3Error('PreconditionFailed', { Condition: 'If-Match' });
  }
  return kept(request, answer, parts);
}

async function fetched(
  request: S3Request,
  method: 'GET' | 'HEAD',
  parts: ReadingParts,
): Promise<S3Answer> {
  const { bucket, key } = request;
  const { query, headers } = asStored(forwarded(request, method));
  // The checksums are kept with the copy, for readers that ask for them.
  const asked = { ...headers, 'x-amz-checksum-mode': 'ENABLED' };
  const answer = await parts.remote.send({
    ...{ method, bucket, key, query },
    headers: headers.range === undefined ? asked : headers,
  });
  return method === 'GET' ? kept(request, answer, parts) : passed(answer);
}

/** A copy is for every reader: its bytes are not packed for one of them on the way. */
function asStored({ query, headers }: Forwarded): Forwarded {
  return { query, headers: { ...headers, 'accept-encoding': 'identity' }, body: undefined };
}

/** Of the query only what says nothing: SDKs write the operation's name there. */
function isCachedKind({ headers, query }: S3Request): boolean {
  const signature = /^(x-id$|x-amz-|awsaccesskeyid$|signature$|expires$)/i;
  return (
    [...query.keys()].every((name) => signature.test(name)) &&
    NOT_CACHED.every((name) => headers[name] === undefined)
  );
}

/** Metadata can be changed without the content; S3 says the date with a 304. */
function isUnchanged({ headers }: RemoteAnswer, record: CopyRecord): boolean {
  const modified = headers['last-modified'];
  return modified === undefined || modified === record.headers['last-modified'];
}

function fromCopy(
  { headers: { range: asked } }: S3Request,
  method: string,
  { record, handle }: OpenCopy,
  how: 'hit' | 'stale',
): S3Answer {
  const { size } = record;
  const range = rangeOf(asked, size);
  const { from, until } = range ?? { from: 0, until: size };
  const headers: Record<string, string> = {
    ...record.headers,
    'content-length': String(until - from),
    [HEADER]: how,
  };
  if (range !== undefined) {
    headers['content-range'] = contentRange(range, size);
    // They are of the whole.
    for (const name of Object.keys(headers)) {
      if (name.startsWith('x-amz-checksum-')) delete headers[name];
    }
  }
  const status = range === undefined ? 200 : 206;
  if (method === 'HEAD') return { status, headers };
  return { status, headers, file: { handle, from, until } };
}
