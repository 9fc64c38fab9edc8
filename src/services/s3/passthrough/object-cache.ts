import { createHash, randomUUID } from 'node:crypto';
import {
  type FileHandle,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
} from 'node:fs/promises';
import { basename, join } from 'node:path';
import { unlessAbsent } from '../fs-code.js';
import { Locks } from '../locks.js';
import { writeRecord } from '../write-record.js';

/** What is known of an object's copy. */
export interface CopyRecord {
  readonly bucket: string;
  readonly key: string;
  /** With its quotes. */
  readonly etag: string;
  readonly size: number;
  /** What the other S3 answered with, but for what is of one answer alone. */
  readonly headers: Readonly<Record<string, string>>;
  /** When it was read. */
  readonly readAt: string;
  /** The folder within the object's own that holds the file. */
  readonly version: string;
}

/** A copy that is whole. */
export interface CachedCopy {
  readonly record: CopyRecord;
  readonly path: string;
}

/** A copy that is being made. */
export interface CopyWriter {
  write(piece: Buffer): Promise<void>;
  /** Puts it in its place, where it is as long as it has to be. */
  commit(): Promise<void>;
  /** Leaves nothing of it, unless it was put in its place. Safe to call again. */
  discard(): Promise<void>;
}

/** For the choice of what goes. */
interface Copy {
  readonly size: number;
  readonly usedAt: number;
}

const RECORD = 'record.json';

/** The longest name that every file system takes. */
const MOST_NAME_BYTES = 255;

/**
 * Copies of objects of another S3, each under the hash of its name, with its ETag; the one that was used longest ago goes
 * where they come to more than they may. A reader that has a copy open, or has pinned it, keeps it.
 */
export class ObjectCache {
  readonly #folder: string;
  readonly #mostBytes: number;
  readonly #locks = new Locks();
  readonly #pins = new Map<string, number>();
  #swept: Promise<unknown> | undefined;
  /** What there is, read once: by its place. */
  #index: Promise<Map<string, Copy>> | undefined;

  constructor(folder: string, mostBytes: number) {
    this.#folder = folder;
    this.#mostBytes = mostBytes;
  }

  /** Whether an object of this size is kept when it has only been read. */
  takes(bytes: number): boolean {
    return bytes <= this.#mostBytes;
  }

  /** The copy of an object, which now counts as used. */
  async find(bucket: string, key: string): Promise<CachedCopy | undefined> {
    const place = this.#placeOf(bucket, key);
    const record = await readCopyRecord(join(place, RECORD));
    if (record === undefined) return undefined;
    const path = join(place, record.version, nameOf(key));
    const found = await unlessAbsent(stat(path));
    if (found?.size !== record.size) return undefined;
    const now = new Date();
    // The order outlasts a restart.
    await unlessAbsent(utimes(join(place, RECORD), now, now));
    (await this.#copies()).set(place, { size: record.size, usedAt: now.getTime() });
    return { record, path };
  }

  /** Keeps an object's copies while something works on their files. */
  async pinned<T>(bucket: string, key: string, work: () => Promise<T>): Promise<T> {
    const place = this.#placeOf(bucket, key);
    this.#pins.set(place, (this.#pins.get(place) ?? 0) + 1);
    try {
      return await work();
    } finally {
      const left = (this.#pins.get(place) ?? 1) - 1;
      if (left > 0) this.#pins.set(place, left);
      else this.#pins.delete(place);
      await this.#trim();
    }
  }

  /** Begins a copy of what an answer carries. */
  async begin(about: Omit<CopyRecord, 'readAt' | 'version'>): Promise<CopyWriter> {
    const partials = join(this.#folder, 'partial');
    // What an earlier daemon left half made.
    this.#swept ??= rm(partials, { recursive: true, force: true });
    await this.#swept;
    await mkdir(partials, { recursive: true, mode: 0o700 });
    const partial = join(partials, randomUUID());
    const handle = await open(partial, 'wx', 0o644);
    let written = 0;
    return {
      write: async (piece) => {
        await handle.writeFile(piece);
        written += piece.length;
      },
      commit: async () => {
        await handle.chmod(0o644);
        await handle.close();
        if (written === about.size) await this.#place(partial, about);
      },
      discard: async () => {
        await closed(handle);
        await rm(partial, { force: true });
      },
    };
  }

  /** Forgets an object. */
  drop(bucket: string, key: string): Promise<void> {
    return this.#remove(this.#placeOf(bucket, key));
  }

  async #remove(place: string): Promise<void> {
    await this.#locks.run(place, () => rm(place, { recursive: true, force: true }));
    (await this.#copies()).delete(place);
  }

  async #place(partial: string, about: Omit<CopyRecord, 'readAt' | 'version'>): Promise<void> {
    const place = this.#placeOf(about.bucket, about.key);
    await this.#locks.run(place, async () => {
      const version = randomUUID();
      await mkdir(join(place, version), { recursive: true, mode: 0o755 });
      await rename(partial, join(place, version, nameOf(about.key)));
      await writeRecord(join(place, RECORD), { ...about, version, readAt: new Date() });
      // Somebody who has pinned it may be about to open the file that there was.
      const olds = this.#pins.has(place) ? [] : await readdir(place);
      for (const name of olds) {
        if (name !== version && name !== RECORD) {
          await rm(join(place, name), { recursive: true, force: true });
        }
      }
    });
    (await this.#copies()).set(place, { size: about.size, usedAt: Date.now() });
    await this.#trim();
  }

  async #trim(): Promise<void> {
    const copies = await this.#copies();
    let bytes = [...copies.values()].reduce((sum, { size }) => sum + size, 0);
    if (bytes <= this.#mostBytes) return;
    for (const [place, { size }] of [...copies].sort(([, a], [, b]) => a.usedAt - b.usedAt)) {
      if (bytes <= this.#mostBytes) return;
      if (this.#pins.has(place)) continue;
      await this.#remove(place);
      bytes -= size;
    }
  }

  #copies(): Promise<Map<string, Copy>> {
    this.#index ??= copiesIn(join(this.#folder, 'objects'));
    return this.#index;
  }

  #placeOf(bucket: string, key: string): string {
    const hash = createHash('sha256').update(`${bucket}/${key}`).digest('hex');
    return join(this.#folder, 'objects', hash);
  }
}

async function copiesIn(folder: string): Promise<Map<string, Copy>> {
  const found = new Map<string, Copy>();
  for (const name of (await unlessAbsent(readdir(folder))) ?? []) {
    const place = join(folder, name);
    const record = await readCopyRecord(join(place, RECORD));
    const used = await unlessAbsent(stat(join(place, RECORD)));
    found.set(place, { size: record?.size ?? 0, usedAt: used?.mtimeMs ?? 0 });
  }
  return found;
}

/** The last part of the key, as SageMaker names a file after it. */
function nameOf(key: string): string {
  const name = basename(key);
  const isName = name !== '' && name !== '.' && name !== '..' && !name.includes('\0');
  return isName && Buffer.byteLength(name) <= MOST_NAME_BYTES ? name : 'object';
}

async function readCopyRecord(file: string): Promise<CopyRecord | undefined> {
  try {
    const record = JSON.parse(await readFile(file, 'utf8')) as CopyRecord;
    return typeof record.etag === 'string' && typeof record.version === 'string'
      ? record
      : undefined;
  } catch {
    return undefined; // None, or one that a crash has damaged: it is read again.
  }
}

async function closed(handle: FileHandle): Promise<void> {
  await handle.close().catch(() => undefined);
}
