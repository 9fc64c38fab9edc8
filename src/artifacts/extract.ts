import { chmodSync, mkdirSync } from 'node:fs';
import { link, symlink, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../errors.js';
import { ArchiveError, entryError, outsideError } from './archive-error.js';
import { Breather } from './breather.js';
import { EntryTree, pathOfEntry } from './entry-tree.js';
import { FileWriter } from './file-writer.js';
import type { TarEntry } from './tar-entry.js';

/**
 * Writes a tar's entries below an empty directory of ours, in their order. Owners are not kept: everything belongs to
 * this process's user, can be removed by it, and is never set-uid or set-gid.
 */
export class Extractor {
  readonly #tree: EntryTree;
  readonly #breather = new Breather();
  #file: FileWriter | undefined;

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
    await this.#breather.breathe();
  }

  /** Makes the symbolic links, now that what they lead to is known, and gives the directories their modes. */
  async finish(): Promise<void> {
    for (const [path, node] of this.#tree.symlinks()) {
      this.#tree.checkSymlink(path, node);
      await naming(node.name, () => symlink(node.target, this.#at(path)));
    }
    for (const [path, { mode }] of this.#tree.directories()) {
      chmodSync(this.#at(path), mode);
      await this.#breather.breathe();
    }
  }

  /** Closes what a failure has left open. */
  async dispose(): Promise<void> {
    await this.#file?.dispose();
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
      this.#makeDirectory(parent, 0o755, entry.name);
    }
    if (entry.kind === 'directory') return this.#directory(path, entry);
    if (entry.kind === 'hardlink') return this.#hardLink(path, entry);
    await this.#makeRoom(path, entry.name);
    if (entry.kind === 'file') return this.#beginFile(path, entry);
    const { name, linkpath: target } = entry;
    this.#tree.set(path, { kind: 'symlink', name, target }, name);
  }

  #directory(path: string, entry: TarEntry): void {
    const node = this.#tree.get(path);
    const mode = (entry.mode ?? 0o755) & 0o777;
    if (node === undefined) this.#makeDirectory(path, mode, entry.name);
    else if (node.kind === 'directory') node.mode = mode | 0o700;
    else throw entryError(entry.name, `is a directory, and a ${node.kind} before it has that name`);
  }

  #makeDirectory(path: string, mode: number, name: string): void {
    this.#tree.set(path, { kind: 'directory', mode: mode | 0o700 }, name);
    mkdirSync(this.#at(path), 0o700);
  }

  /** Of two entries with one name the last wins. Unlinked, not written over: the first may have hard links. */
  async #makeRoom(path: string, name: string): Promise<void> {
    const node = this.#tree.get(path);
    if (node?.kind === 'directory') throw entryError(name, 'has the name of a directory before it');
    if (node?.kind === 'file') await unlink(this.#at(path));
  }

  async #hardLink(path: string, entry: TarEntry): Promise<void> {
    const { name, linkpath } = entry;
    if (linkpath.startsWith('/') || linkpath.split('/').includes('..')) {
      throw outsideError(name, linkpath);
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

  async #beginFile(path: string, entry: TarEntry): Promise<void> {
    this.#tree.set(path, { kind: 'file' }, entry.name);
    this.#file = new FileWriter(this.#at(path), entry);
    if (entry.size === 0) await this.#write(Buffer.alloc(0));
  }

  async #write(part: Buffer): Promise<void> {
    const file = this.#file;
    if (!file) throw new ArchiveError('it has content without an entry');
    await naming(file.entry.name, async () => {
      if (await file.write(part)) this.#file = undefined;
    });
  }
}

/** Runs an operation on the disk whose failure (disk full, name too long) names the entry. */
async function naming(name: string, operation: () => Promise<void> | void): Promise<void> {
  try {
    await operation();
  } catch (error) {
    if (error instanceof ArchiveError) throw error;
    throw entryError(name, `cannot be written: ${messageOf(error)}`, error);
  }
}
