import type { Logger } from '../../../log.js';
import { s3Error } from '../errors.js';
import type { S3Answer, S3Request } from '../request.js';
import { answerHeaders } from './forwarded.js';
import type { CopyWriter, ObjectCache } from './object-cache.js';
import type { Remote, RemoteAnswer } from './remote.js';

/** What is needed to read from another S3. */
export interface ReadingParts {
  readonly remote: Remote;
  readonly cache: ObjectCache;
  readonly log: Logger;
}

/** What is of one answer alone. */
const OF_ONE_ANSWER = [
  ...['date', 'server', 'content-length', 'content-range', 'x-amz-request-id', 'x-amz-id-2', 'via'],
  ...['set-cookie', 'age', 'vary'],
];

/** An answer as it comes; a whole object is kept on its way. */
export async function kept(
  request: S3Request,
  answer: RemoteAnswer,
  { cache, log }: ReadingParts,
): Promise<S3Answer> {
  const { bucket, key } = request;
  if (answer.statusCode === 404) await cache.drop(bucket, key);
  const { etag, 'content-length': length } = answer.headers;
  const size = Number(length ?? Number.NaN);
  if (answer.statusCode !== 200 || etag === undefined || !(size >= 0) || !cache.takes(size)) {
    return passed(answer);
  }
  const writer = await cache
    .begin({ bucket, key, etag, size, headers: lasting(answer) })
    .catch((err: unknown) => log.warn({ err, bucket, key }, 'no copy of an object can be kept'));
  if (!writer) return passed(answer);
  return { ...passed(answer), body: copied(whole(answer), size, writer, log) };
}

/** The headers of an answer that a copy has, too. */
export function lasting({ headers }: RemoteAnswer): Record<string, string> {
  const all = Object.entries(answerHeaders(headers));
  return Object.fromEntries(all.filter(([name]) => !OF_ONE_ANSWER.includes(name)));
}

/** A body on its way through; the copy is there before its reader has the last of it. A disk that is full costs the copy and not the answer. */
async function* copied(
  body: AsyncIterable<Buffer>,
  size: number,
  writer: CopyWriter,
  log: Logger,
): AsyncGenerator<Buffer> {
  let broken = false;
  const attempt = async (work: () => Promise<void>) => {
    if (broken) return;
    await work().catch((err: unknown) => {
      broken = true;
      log.warn({ err }, 'no copy of an object can be kept');
    });
  };
  try {
    let left = size;
    for await (const piece of body) {
      left -= piece.length;
      await attempt(() => writer.write(piece));
      if (left === 0) await attempt(() => writer.commit());
      yield piece;
    }
    if (size === 0) await attempt(() => writer.commit());
  } finally {
    await writer.discard();
  }
}

/** An answer as it comes. */
export function passed(answer: RemoteAnswer): S3Answer {
  const { statusCode: status = 502, headers } = answer;
  return { status, headers: answerHeaders(headers), body: whole(answer) };
}

/** A connection that is lost on the way is nobody's bug. */
async function* whole(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* body;
  } catch {
    throw s3Error('InternalError', {}, 'The answer of the other S3 broke off.');
  }
}
