import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Scavenger } from '../../hosting/scavenge.js';
import { type Algorithm, type Running, startChecksum } from './checksums.js';

/** Large enough for few writes, small enough for many uploads at once. */
const BUFFER_BYTES = 256 * 1024;

/** Bytes on the disk that are not yet an object or a part. */
export interface Staged {
  readonly path: string;
  readonly size: number;
  /** Hex. */
  readonly md5: string;
  readonly checksums: ReadonlyMap<Algorithm, Buffer>;
  /** Removes the file, where nothing has become of it. */
  discard(): Promise<void>;
}

/** Where bodies are written as they come in; a file is moved to its place once it is whole and on the disk. */
export class Staging {
  /** Whatever an earlier daemon left half written is removed. */
  constructor(
    private readonly folder: string,
    private readonly scavenger: Scavenger,
  ) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** A path for a new file, on which the caller is alone. */
  newPath(): string {
    return join(this.folder, randomUUID());
  }

  /**
   * Writes a body to a file of its own, a buffer at a time: the sender waits while the disk is busy.
   * @throws whatever the body throws; the file is then gone
   */
  async write(body: AsyncIterable<Buffer>, algorithms: Iterable<Algorithm>): Promise<Staged> {
    const path = this.newPath();
    const discard = () => rm(path, { force: true });
    const handle = await open(path, 'wx', 0o644);
    try {
      const written = await this.#fill(handle, body, new Set(algorithms));
      await handle.sync();
      return { path, ...written, discard };
    } catch (error) {
      await discard();
      throw error;
    } finally {
      await handle.close();
    }
  }

  async #fill(handle: FileHandle, body: AsyncIterable<Buffer>, algorithms: Set<Algorithm>) {
    const md5 = startChecksum('MD5');
    const running = new Map<Algorithm, Running>();
    for (const algorithm of algorithms) running.set(algorithm, startChecksum(algorithm));
    const writer = new BufferedWriter(handle);
    let size = 0;
    for await (const piece of body) {
      size += piece.length;
      md5.update(piece);
      for (const checksum of running.values()) checksum.update(piece);
      await writer.write(piece);
      this.scavenger.passed(piece.length);
    }
    await writer.flush();
    const checksums = new Map<Algorithm, Buffer>();
    for (const [algorithm, checksum] of running) checksums.set(algorithm, await checksum.digest());
    return { size, md5: (await md5.digest()).toString('hex'), checksums };
  }
}

/** Gathers small pieces in one buffer, which is used again for as long as the file is written. */
class BufferedWriter {
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  #filled = 0;

  constructor(private readonly handle: FileHandle) {}

  async write(piece: Buffer): Promise<void> {
    for (let from = 0; from < piece.length; ) {
      const copied = piece.copy(this.#buffer, this.#filled, from);
      from += copied;
      this.#filled += copied;
      if (this.#filled === BUFFER_BYTES) await this.flush();
    }
  }

  async flush(): Promise<void> {
    let written = 0;
    while (written < this.#filled) {
      const { bytesWritten } = await this.handle.write(
        this.#buffer,
        written,
        this.#filled - written,
      );
      written += bytesWritten;
    }
    this.#filled = 0;
  }
}
