/** Neighbouring buckets of a percentile's histogram are this far apart: percentiles are right to about 1 %. */
const GROWTH = 1.02;
const LOG_GROWTH = Math.log(GROWTH);

/** The bucket of zero; those of positive values are above it, those of negative ones below. */
const ZERO = 0;

/** Keeps bucket numbers of one sign apart from those of the other, for values of any size (2^±1074). */
const OFFSET = 50_000;

/** What is kept of any number of values: how many, their sum, least and greatest, and about how they are spread. */
export class Distribution {
  count = 0;
  sum = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;
  readonly #buckets = new Map<number, number>();

  /** Takes a value in, `weight` times. */
  add(value: number, weight = 1): void {
    this.#take({ count: weight, sum: value * weight, min: value, max: value });
    const bucket = bucketOf(value);
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + weight);
  }

  /** Takes in values of which no more is known; they count in no percentile. */
  addSummary(summary: { count: number; sum: number; min: number; max: number }): void {
    this.#take(summary);
  }

  merge(other: Distribution): void {
    this.#take(other);
    for (const [bucket, weight] of other.#buckets) {
      this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + weight);
    }
  }

  /** The value that `percent` of all values are not above; undefined where none is known. */
  percentile(percent: number): number | undefined {
    if (percent === 100 && this.#buckets.size > 0) return this.max;
    const ordered = [...this.#buckets].sort(([a], [b]) => a - b);
    const total = ordered.reduce((sum, [, weight]) => sum + weight, 0);
    let seen = 0;
    for (const [bucket, weight] of ordered) {
      seen += weight;
      if (seen >= (percent / 100) * total) {
        return Math.min(this.max, Math.max(this.min, middleOf(bucket)));
      }
    }
    return undefined;
  }

  #take({ count, sum, min, max }: { count: number; sum: number; min: number; max: number }): void {
    this.count += count;
    this.sum += sum;
    this.min = Math.min(this.min, min);
    this.max = Math.max(this.max, max);
  }
}

function bucketOf(value: number): number {
  if (value === 0) return ZERO;
  const size = Math.round(Math.log(Math.abs(value)) / LOG_GROWTH) + OFFSET;
  return value > 0 ? size : -size;
}

function middleOf(bucket: number): number {
  if (bucket === ZERO) return 0;
  return Math.sign(bucket) * Math.exp((Math.abs(bucket) - OFFSET) * LOG_GROWTH);
}
