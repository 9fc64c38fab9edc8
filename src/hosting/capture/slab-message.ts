import type { TextTypes } from './capture-settings.js';

/*
 * What goes to the writing thread, without a copy and with few objects: requests, one behind the other, in a slab.
 *
 *   8  time, milliseconds, as a double
 *   4  length of what is said about it
 *   4  length of the request's body, ABSENT where it is not captured
 *   4  length of the answer's
 *      what is said about it, UTF-8; then the bodies, but for those longer than MOST_INLINE, which come in `large`
 *
 * Numbers are little-endian.
 */

export const HEAD_BYTES = 20;

export const ABSENT = 0xffffffff;

/** A slab for a file. */
export interface SlabMessage {
  readonly file: number;
  readonly path: string;
  /** Whether the file begins with it. */
  readonly isFirst: boolean;
  readonly types: TextTypes;
  readonly slab: ArrayBuffer;
  /** How much of the slab is filled. */
  readonly used: number;
  /** Long bodies, in the order of the slab. */
  readonly large: readonly ArrayBuffer[];
  /** How many bytes of bodies it has. */
  readonly bytes: number;
  /** Whether the file is whole with it. */
  readonly isLast: boolean;
}

/** A file as it is when it is whole. */
export interface WrittenFile {
  readonly path: string;
  readonly size: number;
}

/** The thread's answer to each slab, which comes back with it. */
export interface SlabDone {
  readonly file: number;
  readonly slab: ArrayBuffer;
  readonly bytes: number;
  /** Where it was the file's last. */
  readonly whole?: WrittenFile;
  /** Why the file could not be written; what there was of it is gone. */
  readonly fault?: string;
}
