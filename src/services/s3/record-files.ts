import { createHash } from 'node:crypto';
import { readFile, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ObjectRecord } from './object-record.js';
import { writeRecord } from './write-record.js';

/** A key's hash: a name that every file system takes, whatever the key. */
export function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/**
 * The records of objects, a JSON file for each key. A file has the record of what is there and, while that is being replaced,
 * of what comes: whichever fits the bytes is the right one, so a crash between the two writes costs neither.
 */
export class RecordFiles {
  constructor(private readonly folder: string) {}

  /** The newest first; none where a file was put into the bucket by hand. */
  get(bucket: string, key: string): Promise<ObjectRecord[]> {
    return this.getByHash(bucket, hashOf(key));
  }

  async getByHash(bucket: string, hash: string): Promise<ObjectRecord[]> {
    try {
      const text = await readFile(this.#fileOf(bucket, hash), 'utf8');
      return (JSON.parse(text) as ObjectRecord[]).map((record) => ({
        ...record,
        lastModified: new Date(record.lastModified),
      }));
    } catch {
      return []; // None, or one that the power failed on: the bytes are there, and what they are is told by them.
    }
  }

  async put(bucket: string, key: string, records: readonly ObjectRecord[]): Promise<void> {
    await writeRecord(this.#fileOf(bucket, hashOf(key)), records);
  }

  async delete(bucket: string, key: string): Promise<void> {
    const file = this.#fileOf(bucket, hashOf(key));
    await rm(file, { force: true });
    await rmdir(dirname(file)).catch(() => undefined);
  }

  /** Forgets a bucket. */
  async deleteAll(bucket: string): Promise<void> {
    await rm(join(this.folder, bucket), { recursive: true, force: true });
  }

  /** Spread over folders, for a bucket of many keys. */
  #fileOf(bucket: string, hash: string): string {
    return join(this.folder, bucket, hash.slice(0, 2), `${hash}.json`);
  }
}
