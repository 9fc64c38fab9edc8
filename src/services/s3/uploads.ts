import { randomBytes, randomUUID } from 'node:crypto';
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Algorithm, Checksum, ChecksumType } from './checksums.js';
import type { Description } from './describe-object.js';
import { s3Error } from './errors.js';
import { unlessAbsent } from './fs-code.js';
import { compareKeys } from './key-order.js';
import { Locks } from './locks.js';
import type { Staged } from './staging.js';
import { writeRecord } from './write-record.js';

/** A multipart upload that has begun. */
export interface Upload {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly initiated: Date;
  readonly description: Description;
  /** The checksum that each part has. */
  readonly algorithm?: Algorithm;
  readonly checksumType?: ChecksumType;
}

/** A part that has come in whole. */
export interface Part {
  readonly number: number;
  /** Its file in the upload's folder. */
  readonly file: string;
  readonly size: number;
  readonly etag: string;
  readonly lastModified: Date;
  readonly checksum?: Checksum;
}

const ID = /^[A-Za-z0-9_-]{20,128}$/;

const UPLOAD_FILE = 'upload.json';
const PART_FILE = /^part-(\d+)\.json$/;

/** Multipart uploads, each in a folder of its own until it is completed or aborted; they outlive a restart. */
export class Uploads {
  readonly #locks = new Locks();

  constructor(private readonly folder: string) {}

  async create(upload: Omit<Upload, 'id' | 'initiated'>): Promise<Upload> {
    const made = { ...upload, id: randomBytes(48).toString('base64url'), initiated: new Date() };
    await writeRecord(join(this.#folderOf(made), UPLOAD_FILE), made);
    return made;
  }

  /** @throws ServiceError `NoSuchUpload` where it is not one of this key */
  async get(bucket: string, key: string, id: string): Promise<Upload> {
    const upload = ID.test(id) ? await this.#read(bucket, id) : undefined;
    if (upload?.key !== key) throw s3Error('NoSuchUpload', { UploadId: id });
    return upload;
  }

  /** The uploads of a bucket, by key and then by when they began. */
  async list(bucket: string): Promise<Upload[]> {
    const ids = (await unlessAbsent(readdir(join(this.folder, bucket)))) ?? [];
    const uploads = await Promise.all(ids.map((id) => this.#read(bucket, id)));
    return uploads
      .filter((upload) => upload !== undefined)
      .sort(
        (a, b) =>
          compareKeys(a.key, b.key) ||
          a.initiated.getTime() - b.initiated.getTime() ||
          compareKeys(a.id, b.id),
      );
  }

  /** Makes a staged file a part, in place of an earlier one with its number. */
  async putPart(
    upload: Upload,
    number: number,
    staged: Staged,
    checksum: Checksum | undefined,
  ): Promise<Part> {
    const file = `data-${number}-${randomUUID()}`;
    const { size, md5: etag } = staged;
    const part = { number, file, size, etag, lastModified: new Date(), checksum };
    return this.inTurn(upload, async () => {
      const [before] = await this.parts(upload, [number]);
      await rename(staged.path, join(this.#folderOf(upload), file));
      await writeRecord(join(this.#folderOf(upload), `part-${number}.json`), part);
      if (before !== undefined) await rm(this.pathOf(upload, before), { force: true });
      return part;
    });
  }

  /** The parts that are there, by number; only those named where some are. */
  async parts(upload: Upload, numbers?: readonly number[]): Promise<Part[]> {
    const wanted = numbers ?? (await this.#partNumbers(upload));
    const parts: Part[] = [];
    for (const number of wanted) {
      const text = await unlessAbsent(
        readFile(join(this.#folderOf(upload), `part-${number}.json`), 'utf8'),
      );
      if (text === undefined) continue;
      const part = JSON.parse(text) as Part;
      parts.push({ ...part, lastModified: new Date(part.lastModified) });
    }
    return parts;
  }

  pathOf(upload: Upload, part: Part): string {
    return join(this.#folderOf(upload), part.file);
  }

  /** Runs while nobody else changes the upload. @throws ServiceError `NoSuchUpload` where it has gone meanwhile */
  inTurn<T>(upload: Upload, work: () => Promise<T>): Promise<T> {
    return this.#locks.run(upload.id, async () => {
      await this.get(upload.bucket, upload.key, upload.id);
      return work();
    });
  }

  /** Removes an upload and its parts, completed or not; for whoever has its turn. */
  async remove(upload: Upload): Promise<void> {
    await rm(join(this.#folderOf(upload), UPLOAD_FILE), { force: true });
    await rm(this.#folderOf(upload), { recursive: true, force: true });
  }

  /** Forgets a bucket's uploads. */
  async removeAll(bucket: string): Promise<void> {
    await rm(join(this.folder, bucket), { recursive: true, force: true });
  }

  async #partNumbers(upload: Upload): Promise<number[]> {
    const names = (await unlessAbsent(readdir(this.#folderOf(upload)))) ?? [];
    return names
      .map((name) => Number(PART_FILE.exec(name)?.[1] ?? 0))
      .filter((number) => number > 0)
      .sort((a, b) => a - b);
  }

  async #read(bucket: string, id: string): Promise<Upload | undefined> {
    const text = await unlessAbsent(readFile(join(this.folder, bucket, id, UPLOAD_FILE), 'utf8'));
    if (text === undefined) return undefined;
    const upload = JSON.parse(text) as Upload;
    return { ...upload, initiated: new Date(upload.initiated) };
  }

  #folderOf({ bucket, id }: Pick<Upload, 'bucket' | 'id'>): string {
    return join(this.folder, bucket, id);
  }
}
