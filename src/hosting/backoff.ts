const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;

/** A container that ran this long before it died is given a quick start again. */
const FORGIVEN_AFTER_MS = 60_000;

/** How long to wait before a container that keeps dying is started again: at once, then 1 s, 2 s, 4 s … 30 s. */
export class Backoff {
  readonly #attempts = new Map<string, { count: number; at: number }>();

  /** Milliseconds to wait now; counts this attempt. */
  next(key: string, now: number): number {
    const last = this.#attempts.get(key);
    const count = last === undefined || now - last.at > FORGIVEN_AFTER_MS ? 0 : last.count;
    this.#attempts.set(key, { count: count + 1, at: now });
    return count === 0 ? 0 : Math.min(FIRST_MS * 2 ** (count - 1), LONGEST_MS);
  }

  forget(key: string): void {
    this.#attempts.delete(key);
  }
}
