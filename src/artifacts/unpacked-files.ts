import { basename, join } from 'node:path';
import { messageOf, SmlocalError } from '../errors.js';
import type { Logger } from '../log.js';
import type { OnProgress } from '../progress.js';
import { type CallerOptions, SharedWork } from '../shared-work.js';
import { ArchiveError } from './archive-error.js';
import { copyObject } from './copy-object.js';
import { DigestMemo } from './digest-memo.js';
import { DirectoryCache } from './directory-cache.js';
import { reportBytes } from './progress.js';
import { hasChanged, identityOf, type SourceFile, withSourceFile } from './source-file.js';
import { type ArtifactLimits, unpack } from './unpack.js';

/** An archive is unpacked; an object is put into a folder of its own. */
type FileKind = 'archive' | 'object';

interface ReadOptions {
  readonly signal: AbortSignal;
  readonly onBytes: (done: number) => void;
}

/** The directories made of single files: each file is read once, and again only after it has changed. */
export class UnpackedFiles {
  readonly #cache: DirectoryCache;
  readonly #memo: DigestMemo;
  readonly #work = new SharedWork<string>();
  readonly #limits: ArtifactLimits;
  readonly #log: Logger;

  constructor(options: { folder: string; limits: ArtifactLimits; log: Logger }) {
    this.#cache = new DirectoryCache(join(options.folder, 'models'));
    this.#memo = new DigestMemo(join(options.folder, 'index'));
    this.#limits = options.limits;
    this.#log = options.log;
  }

  async directoryFor(path: string, kind: FileKind, caller: CallerOptions): Promise<string> {
    caller.signal?.throwIfAborted();
    try {
      return await withSourceFile(path, (file) => this.#directoryOf(file, kind, caller));
    } catch (error) {
      throw caller.signal?.aborted ? error : explained(error, path, kind);
    }
  }

  async #directoryOf(file: SourceFile, kind: FileKind, caller: CallerOptions): Promise<string> {
    const digest = await this.#memo.get(memoKey(file, kind), identityOf(file));
    const cached = digest === undefined ? undefined : await this.#cache.get(digest);
    if (cached !== undefined) {
      this.#log.debug({ path: file.path, directory: cached }, 'cached: nothing unpacked');
      return cached;
    }
    return this.#work.run(`${kind} ${identityOf(file)}`, caller, (signal, onProgress) =>
      withSourceFile(file.path, (own) => this.#make(own, kind, signal, onProgress)),
    );
  }

  async #make(
    file: SourceFile,
    kind: FileKind,
    signal: AbortSignal,
    onProgress: OnProgress,
  ): Promise<string> {
    const started = performance.now();
    const activity = `${kind === 'archive' ? 'unpacking' : 'copying'} ${basename(file.path)}`;
    const onBytes = reportBytes(activity, Number(file.stat.size), onProgress);
    const directory = await this.#cache.add(async (partial) => {
      const digest = await this.#fill(file, kind, partial, { signal, onBytes });
      await this.#memo.set(memoKey(file, kind), identityOf(file), digest);
      return digest;
    });
    const ms = Math.round(performance.now() - started);
    this.#log.info({ path: file.path, directory, ms }, `${activity}: done`);
    return directory;
  }

  async #fill(
    file: SourceFile,
    kind: FileKind,
    partial: string,
    options: ReadOptions,
  ): Promise<string> {
    const { signal } = options;
    const digest = await this.#read(file, kind, partial, options).catch(async (error: unknown) => {
      // Whatever the reading has tripped over is only how the change showed.
      throw !signal.aborted && (await hasChanged(file)) ? changedError(file) : error;
    });
    if (await hasChanged(file)) throw changedError(file);
    return digest;
  }

  #read(file: SourceFile, kind: FileKind, partial: string, options: ReadOptions): Promise<string> {
    if (kind === 'object') return copyObject(file, partial, options);
    return unpack(file, partial, { ...options, limits: this.#limits });
  }
}

function memoKey({ path }: SourceFile, kind: FileKind): string {
  return `${kind} ${path}`;
}

function changedError({ path }: SourceFile): SmlocalError {
  return new SmlocalError(`${path} changed while it was being read.`, {
    hint: 'Wait until it is written to the end, then try again.',
  });
}

function explained(error: unknown, path: string, kind: FileKind): unknown {
  if (error instanceof SmlocalError) return error;
  const isRefusal = error instanceof ArchiveError;
  if (!isRefusal && !isSystemError(error)) return error;
  const verb = kind === 'archive' ? 'unpack' : 'copy';
  return new SmlocalError(`Cannot ${verb} ${path}: ${messageOf(error)}.`, {
    hint: (isRefusal ? error.hint : undefined) ?? hintFor(isRefusal),
    cause: error,
  });
}

function hintFor(isRefusal: boolean): string {
  if (!isRefusal) return 'Check the file, its permissions and the free space on the disk.';
  return 'Pack it again from inside the folder of the model: tar -czf model.tar.gz -C FOLDER .';
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
