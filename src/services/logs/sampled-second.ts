/** The service's own limit of an update (API reference). */
const MOST_EVENTS = 500;

/** What comes within one second: all of it, or as fair a sample as one update may have, in the order in which it came. */
export class SampledSecond<T> {
  #kept: { readonly order: number; readonly event: T }[] = [];
  #count = 0;

  /** @param random draws from 0 up to 1 */
  constructor(private readonly random: () => number = Math.random) {}

  add(event: T): void {
    const order = this.#count;
    this.#count += 1;
    // Reservoir sampling: each of the second's events is in the sample with the same probability.
    const place = order < MOST_EVENTS ? order : Math.floor(this.random() * this.#count);
    if (place < MOST_EVENTS) this.#kept[place] = { order, event };
  }

  /** What there is, and whether there was more; the next second begins. */
  take(): { readonly events: T[]; readonly sampled: boolean } {
    const kept = this.#kept.sort((a, b) => a.order - b.order);
    const sampled = this.#count > kept.length;
    this.#kept = [];
    this.#count = 0;
    return { events: kept.map(({ event }) => event), sampled };
  }
}
