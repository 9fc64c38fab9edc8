import { reportBytes } from '../../../artifacts/progress.js';
import { messageOf, ServiceError, SmlocalError } from '../../../errors.js';
import type { OnProgress } from '../../../progress.js';
import { type CallerOptions, SharedWork } from '../../../shared-work.js';
import { EMPTY } from './forwarded.js';
import { lasting } from './kept-answer.js';
import type { CachedCopy } from './object-cache.js';
import type { Passthrough } from './passthrough.js';
import type { RemoteAnswer } from './remote.js';

/** One object of the other S3. */
export interface Place {
  readonly bucket: string;
  readonly key: string;
}

/** An error's document is small. */
const MOST_DOCUMENT_BYTES = 64 * 1024;

/** Brings whole objects of another S3 into the cache, each by one download whoever asks for it at the same time. */
export class Downloads {
  readonly #passthrough: Passthrough;
  readonly #work = new SharedWork<void>();

  constructor(passthrough: Passthrough) {
    this.#passthrough = passthrough;
  }

  /** Works on the file of an object as it is now. @throws SmlocalError where it is not there, or cannot be had */
  async withObject<T>(
    place: Place,
    caller: CallerOptions,
    work: (path: string) => Promise<T>,
  ): Promise<T> {
    const { bucket, key } = place;
    const { cache } = this.#passthrough;
    return cache.pinned(bucket, key, async () => {
      await this.#work.run(`${bucket}/${key}`, caller, (signal, onProgress) =>
        this.#bring(place, signal, onProgress).catch((error: unknown) => {
          throw refusal(uriOf(place), error);
        }),
      );
      const copy = await cache.find(bucket, key);
      if (copy === undefined) throw brokenOff(place, 'it is shorter than it was said to be');
      return work(copy.path);
    });
  }

  /** Tells that something may be older than what the other S3 has. */
  sayStale(uri: string, why: string, onProgress: OnProgress | undefined): void {
    this.#passthrough.log.warn({ uri, why }, 'what was downloaded before is used');
    onProgress?.({ activity: `${uri}: what was downloaded before is used, for ${why}` });
  }

  async #bring(place: Place, signal: AbortSignal, onProgress: OnProgress): Promise<void> {
    const { cache } = this.#passthrough;
    const copy = await cache.find(place.bucket, place.key);
    const answer = await this.#ask(place, copy, signal).catch((error: unknown) => {
      if (!(error instanceof SmlocalError) || copy === undefined) throw error;
      this.sayStale(uriOf(place), messageOf(error), onProgress);
      return undefined;
    });
    if (answer === undefined) return;
    if (answer.statusCode === 304) answer.resume();
    else if (answer.statusCode === 200) await this.#keep(place, answer, onProgress);
    else throw await errorIn(answer);
  }

  #ask({ bucket, key }: Place, copy: CachedCopy | undefined, signal: AbortSignal) {
    const condition = copy && { 'if-none-match': copy.record.etag };
    const headers = {
      ...{ 'x-amz-content-sha256': EMPTY, 'x-amz-checksum-mode': 'ENABLED' },
      ...condition,
    };
    return this.#passthrough.remote.send({
      method: 'GET',
      bucket,
      key,
      query: [],
      headers,
      signal,
    });
  }

  async #keep(place: Place, answer: RemoteAnswer, onProgress: OnProgress): Promise<void> {
    const { cache, log } = this.#passthrough;
    const { etag = '', 'content-length': length = '0' } = answer.headers;
    const size = Number(length);
    const writer = await cache.begin({ ...place, etag, size, headers: lasting(answer) });
    const onBytes = reportBytes(`downloading ${uriOf(place)}`, size, onProgress);
    let done = 0;
    try {
      for await (const piece of answer) {
        await writer.write(piece);
        done += piece.length;
        onBytes(done);
      }
      await writer.commit();
      log.info({ ...place, etag, bytes: done }, 'downloaded');
    } catch (error) {
      const isConnection = (error as { code?: unknown }).code === 'ECONNRESET';
      throw isConnection ? brokenOff(place, messageOf(error)) : error;
    } finally {
      await writer.discard();
    }
  }
}

function uriOf({ bucket, key }: Place): string {
  return `s3://${bucket}/${key}`;
}

function brokenOff(place: Place, why: string): SmlocalError {
  return new SmlocalError(`The download of ${uriOf(place)} broke off: ${why}.`, {
    hint: 'Check the network, then try again.',
  });
}

/** What a refusal's document says; its code and its message are all that is looked for. */
async function errorIn(answer: RemoteAnswer): Promise<ServiceError> {
  const { statusCode = 502 } = answer;
  let text = '';
  for await (const piece of answer) {
    if (text.length < MOST_DOCUMENT_BYTES) text += piece.toString('utf8');
  }
  const [, code = String(statusCode)] = /<Code>([^<]*)<\/Code>/.exec(text) ?? [];
  const [, message = 'it was refused'] = /<Message>([^<]*)<\/Message>/.exec(text) ?? [];
  return new ServiceError(code, statusCode, message);
}

/** What S3 refuses, for a person. */
export function refusal(uri: string, error: unknown): unknown {
  if (!(error instanceof ServiceError)) return error;
  return new SmlocalError(`There is no model data at ${uri}: ${error.message} (${error.code}).`, {
    hint: 'The bucket is another S3’s, by "s3:" of config.yml, which is asked with your AWS credentials.',
    cause: error,
  });
}
