import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ObjectAddress } from '../aws/objects.js';

/** An upload of a deploy that has not come to its model yet. */
export interface PendingUpload extends ObjectAddress {
  /** Of an upload in parts. */
  readonly uploadId?: string;
}

/** What deploys have begun to upload, kept on the disk until a model refers to it: what a killed one leaves can be found again. */
export class PendingUploads {
  readonly #file: string;

  /** @param scope what tells one target and endpoint from another */
  constructor(folder: string, scope: readonly string[]) {
    this.#file = join(folder, 'pending', `${scope.map(encodeURIComponent).join('+')}.json`);
  }

  async all(): Promise<PendingUpload[]> {
    try {
      const found: unknown = JSON.parse(await readFile(this.#file, 'utf8'));
      return Array.isArray(found) ? found : [];
    } catch {
      return [];
    }
  }

  async find(at: ObjectAddress): Promise<PendingUpload | undefined> {
    return (await this.all()).find((one) => isSame(one, at));
  }

  async put(upload: PendingUpload): Promise<void> {
    await this.#write([...(await this.all()).filter((one) => !isSame(one, upload)), upload]);
  }

  async remove(at: ObjectAddress): Promise<void> {
    await this.#write((await this.all()).filter((one) => !isSame(one, at)));
  }

  async #write(uploads: readonly PendingUpload[]): Promise<void> {
    if (uploads.length === 0) return rm(this.#file, { force: true });
    await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 });
    const partial = `${this.#file}.partial`;
    await writeFile(partial, JSON.stringify(uploads), { mode: 0o600 });
    await rename(partial, this.#file);
  }
}

function isSame(one: ObjectAddress, other: ObjectAddress): boolean {
  return one.bucket === other.bucket && one.key === other.key;
}
