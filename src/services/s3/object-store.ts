import type { BigIntStats } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { unlessAbsent } from './fs-code.js';
import { naturalPath } from './key-path.js';
import { type Cursor, keysOfFiles, keysOfSet, merged } from './list-keys.js';
import { Locks } from './locks.js';
import { identityOf, type ObjectDescription, type ObjectRecord } from './object-record.js';
import { placeFile, removeEmptyParents } from './place-file.js';
import { hashOf, type RecordFiles } from './record-files.js';
import { recordOfFile } from './record-of-file.js';
import type { Staged } from './staging.js';

/** Where the store keeps what. */
export interface StoreFolders {
  /** One folder a bucket; the user's to look into and to put files into. */
  readonly buckets: string;
  /** Objects whose keys no file there can stand for, by the key's hash. */
  readonly aside: string;
}

/** An object that is open for reading; the caller closes it. */
export interface OpenObject {
  readonly record: ObjectRecord;
  readonly handle: FileHandle;
}

interface Found {
  readonly path: string;
  readonly stat: BigIntStats;
  /** None for a file that was put there, or changed, by hand. */
  readonly record: ObjectRecord | undefined;
}

/** Told what is there before it is replaced; throws where it may not be. */
export type Check = (current: ObjectRecord | undefined) => void;

const MOST_TRIES = 8;

/**
 * Objects as files: `s3://BUCKET/KEY` is `BUCKET/KEY` in the folder of buckets, wherever a file can be that. Other keys
 * (`a/`, `a//b`, `a/../b`, very long names, and `a` beside `a/b`) are kept aside under their hashes.
 */
export class ObjectStore {
  readonly #locks = new Locks();
  readonly #asideKeys = new Map<string, Promise<Set<string>>>();

  constructor(
    private readonly folders: StoreFolders,
    private readonly records: RecordFiles,
  ) {}

  /** What is known of an object, or undefined where there is none. */
  async head(bucket: string, key: string): Promise<ObjectRecord | undefined> {
    const found = await this.#find(bucket, key);
    if (found === undefined || found.record !== undefined) return found?.record;
    const record = await unlessAbsent(recordOfFile(key, found.path));
    if (record !== undefined) {
      await this.#locks.run(`${bucket}/${key}`, () => this.#remember(bucket, key, record));
    }
    return record;
  }

  /** As {@link head}, for whoever has the key's lock. */
  async #headInTurn(bucket: string, key: string): Promise<ObjectRecord | undefined> {
    const found = await this.#find(bucket, key);
    return found && (found.record ?? (await unlessAbsent(recordOfFile(key, found.path))));
  }

  /** Opens an object. What is read is the object as it is now, whatever becomes of it meanwhile. */
  async open(bucket: string, key: string): Promise<OpenObject | undefined> {
    for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
      const record = await this.head(bucket, key);
      if (record === undefined) return undefined;
      const handle = await unlessAbsent(open(this.#pathOf(bucket, record), 'r'));
      if (handle === undefined) continue;
      if (identityOf(await handle.stat({ bigint: true })) === record.identity) {
        return { record, handle };
      }
      await handle.close(); // It was replaced between the two looks.
    }
    throw new Error(`${bucket}/${key} changes faster than it can be opened`);
  }

  /** Makes a staged file the object; the last who does so wins. @throws what `check` throws */
  async put(
    bucket: string,
    key: string,
    staged: Staged,
    description: ObjectDescription,
    check?: Check,
  ): Promise<ObjectRecord> {
    return this.#locks.run(`${bucket}/${key}`, async () => {
      if (check !== undefined) check(await this.#headInTurn(bucket, key));
      const before = await this.records.get(bucket, key);
      const file = await stat(staged.path, { bigint: true });
      const record: ObjectRecord = {
        ...description,
        ...{ key, identity: identityOf(file), isAside: false },
        ...{ size: staged.size, lastModified: file.mtime },
      };
      await this.records.put(bucket, key, [record, ...before.slice(0, 2)]);
      if (!(await this.#placeInBucket(bucket, key, staged.path))) {
        return this.#placeAside(bucket, record, staged.path, before);
      }
      if (before.some(({ isAside }) => isAside)) await this.#removeAside(bucket, key);
      return record;
    });
  }

  /** Changes what is known of an object and not its bytes. @returns whether it is there */
  async describe(
    bucket: string,
    key: string,
    change: (record: ObjectRecord) => ObjectRecord,
  ): Promise<boolean> {
    await this.head(bucket, key);
    return this.#locks.run(`${bucket}/${key}`, async () => {
      const found = await this.#find(bucket, key);
      if (found?.record === undefined) return false;
      await this.records.put(bucket, key, [change(found.record)]);
      return true;
    });
  }

  /** Removes an object, if it is there, and the folders that become empty. */
  async delete(bucket: string, key: string, check?: Check): Promise<void> {
    await this.#locks.run(`${bucket}/${key}`, async () => {
      if (check !== undefined) check(await this.#headInTurn(bucket, key));
      const found = await this.#find(bucket, key);
      if (found !== undefined) await rm(found.path, { force: true });
      await this.#removeAside(bucket, key);
      await this.records.delete(bucket, key);
      const parts = naturalPath(key);
      if (parts !== undefined) await removeEmptyParents(join(this.folders.buckets, bucket), parts);
    });
  }

  /** The keys that begin with `prefix`, in S3's order; what the cursor excludes may change on the way. */
  async *keys(bucket: string, prefix: string, cursor: Cursor): AsyncGenerator<string> {
    const aside = await this.#asideOf(bucket);
    const files = keysOfFiles(join(this.folders.buckets, bucket), prefix, cursor);
    yield* aside.size === 0 ? files : merged(files, keysOfSet(aside, prefix, cursor));
  }

  /** Forgets all that was known of a bucket's objects. */
  async forgetBucket(bucket: string): Promise<void> {
    this.#asideKeys.delete(bucket);
    await rm(join(this.folders.aside, bucket), { recursive: true, force: true });
    await this.records.deleteAll(bucket);
  }

  async #find(bucket: string, key: string): Promise<Found | undefined> {
    for (const record of await this.records.get(bucket, key)) {
      const path = this.#pathOf(bucket, record);
      const file = await unlessAbsent(stat(path, { bigint: true }));
      if (file?.isFile() && identityOf(file) === record.identity)
        return { path, stat: file, record };
    }
    const parts = naturalPath(key);
    if (parts === undefined) return undefined;
    const path = join(this.folders.buckets, bucket, ...parts);
    const file = await unlessAbsent(stat(path, { bigint: true }));
    return file?.isFile() ? { path, stat: file, record: undefined } : undefined;
  }

  /** Keeps what was found out about a file of the user's, unless it has become another meanwhile. */
  async #remember(bucket: string, key: string, record: ObjectRecord): Promise<void> {
    const known = await this.records.get(bucket, key);
    const file = await unlessAbsent(stat(this.#pathOf(bucket, record), { bigint: true }));
    if (file === undefined || identityOf(file) !== record.identity) return;
    await this.records.put(bucket, key, [record, ...known.slice(0, 1)]);
  }

  #pathOf(bucket: string, { key, isAside }: ObjectRecord): string {
    return isAside
      ? join(this.folders.aside, bucket, hashOf(key))
      : join(this.folders.buckets, bucket, ...key.split('/'));
  }

  async #placeInBucket(bucket: string, key: string, from: string): Promise<boolean> {
    const parts = naturalPath(key);
    return parts !== undefined && placeFile(from, join(this.folders.buckets, bucket), parts);
  }

  async #placeAside(
    bucket: string,
    natural: ObjectRecord,
    from: string,
    before: readonly ObjectRecord[],
  ): Promise<ObjectRecord> {
    const record = { ...natural, isAside: true };
    const keys = await this.#asideOf(bucket);
    await this.records.put(bucket, record.key, [record, ...before.slice(0, 2)]);
    await mkdir(join(this.folders.aside, bucket), { recursive: true });
    await rename(from, this.#pathOf(bucket, record));
    keys.add(record.key);
    return record;
  }

  async #removeAside(bucket: string, key: string): Promise<void> {
    const keys = await this.#asideOf(bucket);
    if (!keys.delete(key)) return;
    await rm(join(this.folders.aside, bucket, hashOf(key)), { force: true });
  }

  /** Read once from the disk: there are few, and listings need them in order. */
  #asideOf(bucket: string): Promise<Set<string>> {
    const known = this.#asideKeys.get(bucket) ?? this.#readAside(bucket);
    this.#asideKeys.set(bucket, known);
    return known;
  }

  async #readAside(bucket: string): Promise<Set<string>> {
    const hashes = (await unlessAbsent(readdir(join(this.folders.aside, bucket)))) ?? [];
    const records = await Promise.all(hashes.map((hash) => this.records.getByHash(bucket, hash)));
    return new Set(records.flatMap(([newest]) => (newest === undefined ? [] : [newest.key])));
  }
}
