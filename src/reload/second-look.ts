import { statSync } from 'node:fs';

/** chokidar lets no more than one change of a file through in 50 ms; whatever else happens to it then is not told. */
const UNTOLD_MS = 75;

/**
 * Looks at files once more when chokidar would have told again, for a formatter that rewrites a file which an editor has
 * just saved must not be missed.
 */
export class SecondLook {
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #onChanged: (path: string) => void;

  constructor(onChanged: (path: string) => void) {
    this.#onChanged = onChanged;
  }

  /** Remembers how these files are now. */
  after(paths: readonly string[]): void {
    const before = paths.map((path) => ({ path, version: versionOf(path) }));
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      for (const { path, version } of before) {
        if (versionOf(path) !== version) this.#onChanged(path);
      }
    }, UNTOLD_MS);
    this.#timers.add(timer);
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }
}

/** Differs whenever a file was written or replaced; empty where there is none. */
function versionOf(path: string): string {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? '' : `${stats.ino} ${stats.mtimeNs} ${stats.ctimeNs} ${stats.size}`;
}
