const NOTHING = Buffer.alloc(0);

/** A body of up to so many bytes is copied beside others; a longer one is handed over in a buffer of its own. */
export const MOST_INLINE = 64 * 1024;

/** What a sender says of a body's length is believed up to here. */
const MOST_EXPECTED = 32 * 1024 * 1024;

/** A body as it passes, piece by piece. One that comes in a single piece, as most do, is not copied here. */
export class Gathered {
  #buffer: Buffer = NOTHING;
  #length = 0;
  /** What its sender says that it will come to. */
  expected = 0;

  get length(): number {
    return this.#length;
  }

  add(piece: Buffer): void {
    const needed = this.#length + piece.length;
    if (this.#length === 0 && needed <= MOST_INLINE) this.#buffer = piece;
    else {
      if (needed > this.#buffer.length) this.#grow(needed);
      piece.copy(this.#buffer, this.#length);
    }
    this.#length = needed;
  }

  /** All of it, in memory that is its own where it is longer than {@link MOST_INLINE}. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  #grow(needed: number): void {
    const isKnown = this.expected >= needed && this.expected <= MOST_EXPECTED;
    const size = isKnown ? this.expected : Math.max(needed, 2 * this.#length);
    const grown = Buffer.allocUnsafeSlow(size);
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}
