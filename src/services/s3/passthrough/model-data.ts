import { createHash } from 'node:crypto';
import { copyFile, link, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DigestMemo } from '../../../artifacts/digest-memo.js';
import { DirectoryCache } from '../../../artifacts/directory-cache.js';
import type { ModelData } from '../../../artifacts/model-data.js';
import type { RemoteData } from '../../../artifacts/remote-data.js';
import { messageOf, ServiceError, SmlocalError } from '../../../errors.js';
import type { CallerOptions } from '../../../shared-work.js';
import { Downloads, type Place, refusal } from './downloads.js';
import { EMPTY } from './forwarded.js';
import type { Passthrough } from './passthrough.js';

/** What a prefix's folder was made of, and what it is called. */
interface Listing {
  readonly digest: string;
  /** Keys without the prefix. */
  readonly names: readonly string[];
}

/** What {@link DigestMemo} is asked for: the newest there is. */
const NEWEST = 'newest';

/**
 * Model data in buckets of another S3. An object is downloaded once, and again when its ETag is another; the objects of a prefix
 * come together in a folder that is made anew when one of their ETags is. Where the other S3 cannot be reached, what was
 * downloaded last is used, and the caller and the log are told so.
 */
export class PassedModelData implements RemoteData {
  readonly #passthrough: Passthrough;
  readonly #downloads: Downloads;
  readonly #folders: DirectoryCache;
  readonly #listings: DigestMemo;

  constructor(passthrough: Passthrough) {
    this.#passthrough = passthrough;
    this.#downloads = new Downloads(passthrough);
    this.#folders = new DirectoryCache(join(passthrough.folder, 'prefixes'));
    this.#listings = new DigestMemo(join(passthrough.folder, 'listings'));
  }

  async covers(uri: string): Promise<boolean> {
    return uri.startsWith('s3://') && this.#passthrough.buckets.has(placeOf(uri).bucket);
  }

  async exists(data: ModelData): Promise<boolean> {
    const { bucket, key } = placeOf(data.uri);
    if (key.includes('\0')) return false;
    try {
      return isPrefix(data)
        ? await hasOne(this.#passthrough.remote.list(bucket, key))
        : (await this.#etagOf({ bucket, key })) !== undefined;
    } catch (error) {
      if (!(error instanceof SmlocalError)) throw refusal(data.uri, error);
      const kept = isPrefix(data)
        ? await this.#newestFolder(data.uri)
        : await this.#passthrough.cache.find(bucket, key);
      if (kept === undefined) throw error;
      return true;
    }
  }

  async versionOf({ uri }: ModelData): Promise<string> {
    const { bucket, key } = placeOf(uri);
    try {
      const etag = await this.#etagOf({ bucket, key });
      if (etag === undefined) throw new ServiceError('NoSuchKey', 404, 'no object has this key');
      return etag;
    } catch (error) {
      const copy =
        error instanceof SmlocalError ? await this.#passthrough.cache.find(bucket, key) : undefined;
      if (copy === undefined) throw refusal(uri, error);
      return copy.record.etag;
    }
  }

  async withData<T>(data: ModelData, caller: CallerOptions, work: (path: string) => Promise<T>) {
    const place = placeOf(data.uri);
    if (isPrefix(data)) return work(await this.#folderFor(data.uri, place, caller));
    return this.#downloads.withObject(place, caller, work);
  }

  /** Undefined where there is no such object. @throws ServiceError, SmlocalError */
  async #etagOf({ bucket, key }: Place): Promise<string | undefined> {
    const { remote } = this.#passthrough;
    const headers = { 'x-amz-content-sha256': EMPTY };
    const answer = await remote.send({ method: 'HEAD', bucket, key, query: [], headers });
    answer.resume();
    const { statusCode = 502 } = answer;
    if (statusCode < 300) return answer.headers.etag ?? '';
    if (statusCode === 404) return undefined;
    throw new ServiceError(String(statusCode), statusCode, 'the S3 that has it refuses to say');
  }

  async #folderFor(uri: string, place: Place, caller: CallerOptions): Promise<string> {
    const { bucket, key } = place;
    const listing = await this.#listingOf(place, uri, caller).catch(async (error: unknown) => {
      caller.signal?.throwIfAborted();
      const newest = error instanceof SmlocalError ? await this.#newestFolder(uri) : undefined;
      if (newest === undefined) throw refusal(uri, error);
      this.#downloads.sayStale(uri, messageOf(error), caller.onProgress);
      return newest;
    });
    if (typeof listing === 'string') return listing;
    const { digest, names } = listing;
    const made = await this.#folders.get(digest);
    if (made !== undefined) return made;
    const folder = await this.#folders.add(async (partial) => {
      for (const name of names) {
        const target = join(partial, name);
        await mkdir(dirname(target), { recursive: true });
        await this.#downloads.withObject({ bucket, key: key + name }, caller, (path) =>
          // A copy is never written to again, so the folder may share it.
          link(path, target).catch(() => copyFile(path, target)),
        );
      }
      return digest;
    });
    await this.#listings.set(uri, NEWEST, digest);
    return folder;
  }

  async #listingOf(
    { bucket, key }: Place,
    uri: string,
    { signal }: CallerOptions,
  ): Promise<Listing> {
    const found: [name: string, etag: string][] = [];
    for await (const object of this.#passthrough.remote.list(bucket, key, signal)) {
      const name = object.key.slice(key.length);
      // What consoles make for an empty folder.
      if (name !== '' && !name.endsWith('/')) found.push([checkedName(name, uri), object.etag]);
    }
    if (found.length === 0) {
      throw new ServiceError('NoSuchKey', 404, 'no key has this prefix');
    }
    const digest = createHash('sha256')
      .update(JSON.stringify([uri, found]))
      .digest('hex');
    return { digest, names: found.map(([name]) => name) };
  }

  async #newestFolder(uri: string): Promise<string | undefined> {
    const digest = await this.#listings.get(uri, NEWEST);
    return digest === undefined ? undefined : this.#folders.get(digest);
  }
}

/** Only what is shown as it is can be a folder. */
function isPrefix({ uri, compression }: ModelData): boolean {
  return compression === 'None' && uri.endsWith('/');
}

function placeOf(uri: string): Place {
  const [bucket = '', ...key] = uri.slice('s3://'.length).split('/');
  return { bucket, key: key.join('/') };
}

async function hasOne(objects: AsyncIterable<unknown>): Promise<boolean> {
  for await (const _ of objects) return true;
  return false;
}

function checkedName(name: string, uri: string): string {
  const bad = name.split('/').find((part) => part === '' || part === '.' || part === '..');
  if (bad === undefined) return name;
  throw new ServiceError('InvalidKey', 400, `the key ${name} below ${uri} is no name of a file`);
}
