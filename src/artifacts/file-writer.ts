import { closeSync, constants, fchmodSync, futimesSync, openSync, writeSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { TarEntry } from './tar-entry.js';

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
/** Up to here a file is gathered and written in one synchronous go; see Breather. */
const SMALL_BYTES = 64 * 1024;

/** Writes one new file from parts that come in order; it has its mode and time when the last byte is there. */
export class FileWriter {
  #left: number;
  #parts: Buffer[] = [];
  #handle: FileHandle | undefined;

  constructor(
    private readonly path: string,
    readonly entry: TarEntry,
  ) {
    this.#left = entry.size;
  }

  /** Returns whether the file is complete. */
  async write(part: Buffer): Promise<boolean> {
    this.#left -= part.length;
    if (this.entry.size <= SMALL_BYTES) this.#parts.push(part);
    else await this.#append(part);
    if (this.#left > 0) return false;
    if (this.#handle) await this.#finish(this.#handle);
    else this.#writeWhole();
    return true;
  }

  /** Closes what a failure has left open. */
  async dispose(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
  }

  async #append(part: Buffer): Promise<void> {
    this.#handle ??= await open(this.path, NEW_FILE, 0o600);
    for (let at = 0; at < part.length; ) {
      at += (await this.#handle.write(part, at)).bytesWritten;
    }
  }

  async #finish(handle: FileHandle): Promise<void> {
    await handle.chmod(modeOf(this.entry));
    setTime(handle.fd, this.entry);
    await this.dispose();
  }

  #writeWhole(): void {
    const content = this.#parts.length === 1 ? this.#parts[0] : Buffer.concat(this.#parts);
    const file = openSync(this.path, NEW_FILE, 0o600);
    try {
      for (let at = 0; content && at < content.length; ) at += writeSync(file, content, at);
      fchmodSync(file, modeOf(this.entry));
      setTime(file, this.entry);
    } finally {
      closeSync(file);
    }
  }
}

/** The archive's permissions without set-uid, set-gid and sticky, and always removable by the owner. */
function modeOf({ mode = 0o644 }: TarEntry): number {
  return (mode & 0o777) | 0o600;
}

/** Kept, as tar does: compiled Python in an archive is valid only beside a source of the right time. */
function setTime(file: number, { mtime }: TarEntry): void {
  if (mtime === undefined) return;
  try {
    futimesSync(file, mtime, mtime);
  } catch {
    // A time that is none, or that the file system cannot hold, is no reason to refuse a model.
  }
}
