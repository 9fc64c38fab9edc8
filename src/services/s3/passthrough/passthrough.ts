import { SmlocalError } from '../../../errors.js';
import type { Scavenger } from '../../../hosting/scavenge.js';
import type { Logger } from '../../../log.js';
import type { Buckets } from '../buckets.js';
import { copySourceOf } from '../copy-source.js';
import { s3Error } from '../errors.js';
import type { S3Answer, S3Request } from '../request.js';
import { forwarded, VIA } from './forwarded.js';
import { passed } from './kept-answer.js';
import { ObjectCache } from './object-cache.js';
import { PassedBuckets } from './passed-buckets.js';
import { read } from './reading.js';
import type { Remote } from './remote.js';

export interface PassthroughOptions {
  /** Names of buckets, and patterns with `*`. */
  readonly passthrough: readonly string[];
  readonly remote: Remote;
  /** Where copies are kept. */
  readonly folder: string;
  readonly maxCacheBytes: number;
  readonly local: Buckets;
  readonly scavenger: Scavenger;
  readonly log: Logger;
}

/**
 * Buckets that are another S3's: what is asked of them goes there, signed with the user's credentials, and its answers come back as
 * they are. Gaps: GET / lists the buckets that are here; no copies from one side to the other; DeleteBucket of a pattern's
 * bucket goes there, CreateBucket makes one here.
 */
export class Passthrough {
  readonly buckets: PassedBuckets;
  readonly remote: Remote;
  readonly cache: ObjectCache;
  readonly log: Logger;
  /** Where what was read is kept. */
  readonly folder: string;

  readonly #scavenger: Scavenger;

  constructor(options: PassthroughOptions) {
    const { passthrough, remote, folder, maxCacheBytes, local, scavenger, log } = options;
    this.#scavenger = scavenger;
    this.buckets = new PassedBuckets(passthrough, local);
    this.remote = remote;
    this.cache = new ObjectCache(folder, maxCacheBytes);
    this.log = log;
    this.folder = folder;
  }

  /**
   * The answer to a request for one of these buckets; undefined for any other.
   * @throws ServiceError where the other S3 cannot be asked, or may not be
   */
  async answer(request: S3Request, method: string): Promise<S3Answer | undefined> {
    if (!(await this.#takes(request, method))) return undefined;
    if (request.fromContainer && method !== 'GET' && method !== 'HEAD') {
      throw s3Error(
        'AccessDenied',
        {},
        `Containers may read from ${request.bucket}, which smlocal passes on with its user's credentials, and not write to it.`,
      );
    }
    if (request.headers.via?.includes(VIA)) {
      throw s3Error('InvalidRequest', {}, 'The endpoint of "s3:" in config.yml leads back here.');
    }
    try {
      return await this.#passOn(request, method);
    } catch (error) {
      // An SDK tries again: the network may be back.
      if (error instanceof SmlocalError) throw s3Error('ServiceUnavailable', {}, wordsOf(error));
      throw error;
    }
  }

  close(): void {
    this.remote.close();
  }

  async #takes(request: S3Request, method: string): Promise<boolean> {
    const { bucket, key, query } = request;
    const isThere = await this.buckets.has(bucket);
    if (request.headers['x-amz-copy-source'] !== undefined) {
      const source = copySourceBucket(request);
      if ((await this.buckets.has(source)) !== isThere) throw betweenTwo(source, bucket);
    }
    const creates =
      method === 'PUT' && key === '' && [...query.keys()].every((one) => one === 'x-id');
    return isThere && !(creates && !this.buckets.isNamed(bucket));
  }

  async #passOn(request: S3Request, method: string): Promise<S3Answer> {
    const { bucket, key } = request;
    if (key !== '' && (method === 'GET' || method === 'HEAD')) return read(request, method, this);
    const { body, ...rest } = forwarded(request, method);
    const counted = body && this.#counted(body);
    return passed(await this.remote.send({ method, bucket, key, ...rest, body: counted }));
  }

  /** Keeps the memory of large uploads small. */
  async *#counted(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const piece of body) {
      yield piece;
      this.#scavenger.passed(piece.length);
    }
  }
}

function copySourceBucket(request: S3Request): string {
  const { 'x-amz-copy-source': source } = request.headers;
  const plain = String(source).replace(/\?.*$/, ''); // Versions are for the other S3 to know.
  return copySourceOf({ ...request, headers: { 'x-amz-copy-source': plain } }).bucket;
}

function betweenTwo(source: string, bucket: string) {
  return s3Error(
    'NotImplemented',
    {},
    `smlocal copies nothing between ${source} and ${bucket}, for one is here and the other in another S3: get it, and put it.`,
  );
}

function wordsOf({ message, hint }: SmlocalError): string {
  return hint === undefined ? message : `${message} ${hint}`;
}
