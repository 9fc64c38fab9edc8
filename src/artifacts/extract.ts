import { constants } from 'node:fs';
import { chmod, type FileHandle, link, mkdir, open, symlink, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../errors.js';
import { ArchiveError, entryError } from './archive-error.js';
import { EntryTree, pathOfEntry } from './entry-tree.js';
import type { TarEntry } from './tar-entry.js';

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** The file being written, and how many bytes of it are to come. */
interface OpenFile {
  readonly handle: FileHandle;
  readonly entry: TarEntry;
  left: number;
}

/**
 * Writes a tar's entries below an empty directory of ours, in their order. Owners are not kept: everything belongs to
 * this process's user, can be removed by it, and is never set-uid or set-gid.
 */
export class Extractor {
  readonly #tree: EntryTree;
  #file: OpenFile | undefined;

  constructor(
    private readonly root: string,
    maxEntries: number,
  ) {
    this.#tree = new EntryTree(maxEntries);
  }

  /** Takes what TarReader yields: an entry, or a part of the content of the last one. */
  async take(item: TarEntry | Buffer): Promise<void> {
    if (Buffer.isBuffer(item)) return this.#write(item);
    await naming(item.name, () => this.#begin(item));
  }

  /** Makes the symbolic links, now that what they lead to is known, and gives the directories their modes. */
  async finish(): Promise<void> {
    for (const [path, node] of this.#tree.symlinks()) {
      this.#tree.checkSymlink(path, node);
      await naming(node.name, () => symlink(node.target, this.#at(path)));
    }
    for (const [path, { mode }] of this.#tree.directories()) await chmod(this.#at(path), mode);
  }

  /** Closes what a failure has left open. */
  async dispose(): Promise<void> {
    await this.#file?.handle.close();
    this.#file = undefined;
  }

  #at(path: string): string {
    return join(this.root, path);
  }

  async #begin(entry: TarEntry): Promise<void> {
    const path = pathOfEntry(entry.name);
    if (path === '') {
      if (entry.kind !== 'directory')
        throw entryError(entry.name, 'has no name and is no directory');
      return;
    }
    for (const parent of this.#tree.missingParents(path, entry.name)) {
      await this.#makeDirectory(parent, 0o755, entry.name);
    }
    if (entry.kind === 'directory') return this.#beginDirectory(path, entry);
    if (entry.kind === 'hardlink') return this.#hardLink(path, entry);
    await this.#makeRoom(path, entry.name);
    if (entry.kind === 'file') await this.#beginFile(path, entry);
    else
      this.#tree.set(
        path,
        { kind: 'symlink', name: entry.name, target: entry.linkpath },
        entry.name,
      );
  }

  async #beginDirectory(path: string, entry: TarEntry): Promise<void> {
    const node = this.#tree.get(path);
    const mode = (entry.mode ?? 0o755) & 0o777;
    if (node === undefined) await this.#makeDirectory(path, mode, entry.name);
    else if (node.kind === 'directory') node.mode = mode | 0o700;
    else throw entryError(entry.name, `is a directory, and a ${node.kind} before it has that name`);
  }

  async #makeDirectory(path: string, mode: number, name: string): Promise<void> {
    this.#tree.set(path, { kind: 'directory', mode: mode | 0o700 }, name);
    await mkdir(this.#at(path), 0o700);
  }

  /** Of two entries with one name the last wins. Unlinked, not written over: the first may have hard links. */
  async #makeRoom(path: string, name: string): Promise<void> {
    const node = this.#tree.get(path);
    if (node?.kind === 'directory') throw entryError(name, 'has the name of a directory before it');
    if (node?.kind === 'file') await unlink(this.#at(path));
  }

  async #beginFile(path: string, entry: TarEntry): Promise<void> {
    this.#tree.set(path, { kind: 'file' }, entry.name);
    const handle = await open(this.#at(path), NEW_FILE, 0o600);
    this.#file = { handle, entry, left: entry.size };
    if (entry.size === 0) await this.#finishFile(this.#file);
  }

  async #hardLink(path: string, entry: TarEntry): Promise<void> {
    const { name, linkpath } = entry;
    if (linkpath.startsWith('/') || linkpath.split('/').includes('..')) {
      throw entryError(
        name,
        `is a link to ${JSON.stringify(linkpath)}, which is outside the model's folder`,
      );
    }
    const original = pathOfEntry(linkpath);
    if (original === path) return;
    const node = this.#tree.get(original);
    if (node === undefined || node.kind === 'directory') {
      throw entryError(
        name,
        `is a hard link to ${JSON.stringify(linkpath)}, which is no file before it in the archive`,
      );
    }
    await this.#makeRoom(path, name);
    // A hard link to a symbolic link is that symbolic link under another name.
    this.#tree.set(path, node.kind === 'symlink' ? { ...node, name } : node, name);
    if (node.kind === 'file') await link(this.#at(original), this.#at(path));
  }

  async #write(part: Buffer): Promise<void> {
    const file = this.#file;
    if (!file) throw new ArchiveError('content without an entry');
    await naming(file.entry.name, async () => {
      for (let at = 0; at < part.length; ) at += (await file.handle.write(part, at)).bytesWritten;
      file.left -= part.length;
      if (file.left === 0) await this.#finishFile(file);
    });
  }

  async #finishFile({ handle, entry }: OpenFile): Promise<void> {
    await handle.chmod(((entry.mode ?? 0o644) & 0o777) | 0o600);
    // Kept, as tar does: compiled Python in the archive is valid only beside a source of the right time.
    if (entry.mtime) await handle.utimes(entry.mtime, entry.mtime).catch(() => undefined);
    this.#file = undefined;
    await handle.close();
  }
}

/** Runs an operation on the disk whose failure (disk full, name too long) names the entry. */
async function naming(name: string, operation: () => Promise<void>): Promise<void> {
  try {
    await operation();
  } catch (error) {
    if (error instanceof ArchiveError) throw error;
    throw entryError(name, `cannot be written: ${messageOf(error)}`, error);
  }
}
