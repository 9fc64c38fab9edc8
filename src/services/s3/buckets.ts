import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isBucketName } from './bucket-name.js';
import { codeOf, unlessAbsent } from './fs-code.js';
import { compareKeys } from './key-order.js';
import { removeEmptyTree } from './place-file.js';
import { writeRecord } from './write-record.js';

export interface Bucket {
  readonly name: string;
  readonly created: Date;
  /** Undefined for a folder that was made by hand. */
  readonly region: string | undefined;
}

/** Buckets are the folders of one folder; what a folder cannot tell is in a file of the same name elsewhere. */
export class Buckets {
  constructor(
    private readonly folder: string,
    private readonly records: string,
  ) {}

  async find(name: string): Promise<Bucket | undefined> {
    const found = await unlessAbsent(stat(join(this.folder, name)));
    if (!found?.isDirectory()) return undefined;
    const record = await this.#read(name);
    const made = found.birthtimeMs > 0 ? found.birthtime : found.mtime;
    return {
      name,
      created: record?.created === undefined ? made : new Date(record.created),
      region: record?.region,
    };
  }

  /** All buckets, by name. */
  async list(): Promise<Bucket[]> {
    const names = (await unlessAbsent(readdir(this.folder))) ?? [];
    const found = await Promise.all(names.filter(isBucketName).map((name) => this.find(name)));
    return found
      .filter((bucket) => bucket !== undefined)
      .sort((a, b) => compareKeys(a.name, b.name));
  }

  /** @returns false where it is there already */
  async create(name: string, region: string): Promise<boolean> {
    await mkdir(this.folder, { recursive: true });
    try {
      await mkdir(join(this.folder, name));
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      throw error;
    }
    await writeRecord(this.#fileOf(name), { region, created: new Date().toISOString() });
    return true;
  }

  /** @returns false where it still has files */
  async delete(name: string): Promise<boolean> {
    if (!(await removeEmptyTree(join(this.folder, name)))) return false;
    await rm(this.#fileOf(name), { force: true });
    return true;
  }

  async #read(name: string): Promise<{ region?: string; created?: string } | undefined> {
    const text = await unlessAbsent(readFile(this.#fileOf(name), 'utf8'));
    return text === undefined ? undefined : JSON.parse(text);
  }

  #fileOf(name: string): string {
    return join(this.records, `${name}.json`);
  }
}
