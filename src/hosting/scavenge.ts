import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Small enough for the garbage between two collections to stay small, large enough for their time not to show. */
const EVERY_BYTES = 4 * 1024 * 1024;

/**
 * Collects the young garbage that large bodies leave behind, every few megabytes of them. Each 64 kB that passes through
 * is a buffer outside V8's heap. Left to itself V8 lets tens of megabytes of these gather, and malloc then keeps the
 * memory for good: the daemon would be 20 to 40 MB larger after a first large invocation. A collection takes about 1 ms.
 */
export class Scavenger {
  #collect: ((options: { type: 'minor' }) => void) | undefined;
  #bytes = 0;

  /** Says that this many bytes have passed through. */
  passed(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < EVERY_BYTES) return;
    this.#bytes = 0;
    this.#collect ??= exposedGc();
    this.#collect({ type: 'minor' });
  }
}

/** V8 shows its collector to contexts that are made after the flag was set. */
function exposedGc(): (options: { type: 'minor' }) => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc');
}
