import { existsSync } from 'node:fs';
import { watch } from 'chokidar';
import { ChangeBatch } from './change-batch.js';
import { SecondLook } from './second-look.js';

/** Editors and `git checkout` write in bursts. A batch ends when nothing has changed for this long … */
const QUIET_MS = 15;

/** … or when it has been open for this long. */
const LONGEST_MS = 250;

export interface WatcherOptions {
  /** Whether a path is of no interest; asked before it is known to be a folder, and then once more. */
  readonly ignored: (path: string, isFolder: boolean) => boolean;
  /** Look at the files every so often, where no events come: network file systems, some virtual machines. */
  readonly polling: boolean;
  /** Absolute paths that have been written, added or removed. */
  readonly onBatch: (paths: readonly string[]) => void;
  readonly onError: (error: unknown) => void;
}

/** Watches files and folders, and tells of changes in batches. chokidar is met here and nowhere else. */
export class Watcher {
  readonly #watcher: ReturnType<typeof watch>;
  readonly #onBatch: WatcherOptions['onBatch'];
  readonly #batch = new ChangeBatch();
  readonly #secondLook = new SecondLook((path) => this.#note('changed', path));
  #paths: ReadonlySet<string> = new Set();
  #quiet: NodeJS.Timeout | undefined;
  #opened = 0;

  constructor({ ignored, polling, onBatch, onError }: WatcherOptions) {
    this.#onBatch = onBatch;
    this.#watcher = watch([], {
      ignoreInitial: true,
      ignored: (path, stats) => ignored(path, stats?.isDirectory() === true),
      usePolling: polling,
      interval: 100,
    });
    // Not folders: that one has come or gone changes nothing but by the files in it.
    this.#watcher.on('add', (path) => this.#note('added', path));
    this.#watcher.on('change', (path) => this.#note('changed', path));
    this.#watcher.on('unlink', (path) => this.#note('removed', path));
    this.#watcher.on('error', onError);
  }

  /** What is to be watched from now on, in place of what was. */
  set(paths: ReadonlySet<string>): void {
    for (const path of paths) if (!this.#paths.has(path)) this.#watcher.add(path);
    for (const path of this.#paths) if (!paths.has(path)) this.#watcher.unwatch(path);
    this.#paths = paths;
  }

  async close(): Promise<void> {
    clearTimeout(this.#quiet);
    this.#secondLook.stop();
    await this.#watcher.close();
  }

  #note(what: 'added' | 'changed' | 'removed', path: string): void {
    const now = performance.now();
    if (this.#batch.isEmpty) this.#opened = now;
    this.#batch[what](path);
    clearTimeout(this.#quiet);
    const left = Math.max(0, this.#opened + LONGEST_MS - now);
    this.#quiet = setTimeout(() => this.#flush(), Math.min(QUIET_MS, left));
  }

  #flush(): void {
    const paths = this.#batch.take(existsSync);
    if (paths.length === 0) return;
    this.#secondLook.after(paths);
    this.#onBatch(paths);
  }
}
