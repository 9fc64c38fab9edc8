import { Int32Histogram } from 'hdr-histogram-js';

/** What a run's answers took, in milliseconds. */
export interface LatencyFigures {
  readonly count: number;
  readonly min: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** A value that was seen, in milliseconds, and how often. */
export interface Seen {
  readonly value: number;
  readonly count: number;
}

/** Kept in microseconds, right to three digits whatever their size, up to half an hour; above 2³¹ the library’s mean is wrong. */
const MOST_MICROSECONDS = 2_000_000_000;
const DIGITS = 3;

/** Any number of latencies in 100 kB. */
export class Latencies {
  readonly #histogram = new Int32Histogram(1, MOST_MICROSECONDS, DIGITS);

  add(milliseconds: number): void {
    const microseconds = Math.round(milliseconds * 1000);
    this.#histogram.recordValue(Math.min(MOST_MICROSECONDS, Math.max(1, microseconds)));
  }

  get count(): number {
    return this.#histogram.totalCount;
  }

  /** The latency that so many of a hundred are not above; 0 where there is none. */
  percentile(percent: number): number {
    if (this.count === 0) return 0;
    const found = this.#histogram.getValueAtPercentile(percent);
    // The histogram gives the upper end of the value's bucket, which may lie above all that was seen.
    return Math.min(found, this.#histogram.maxValue) / 1000;
  }

  /** Undefined where there is none. */
  figures(): LatencyFigures | undefined {
    if (this.count === 0) return undefined;
    return {
      count: this.count,
      min: this.#histogram.minNonZeroValue / 1000,
      mean: this.#histogram.mean / 1000,
      p50: this.percentile(50),
      p90: this.percentile(90),
      p95: this.percentile(95),
      p99: this.percentile(99),
      p999: this.percentile(99.9),
      max: this.#histogram.maxValue / 1000,
    };
  }

  /** All that was seen, the shortest first. */
  *seen(): Generator<Seen> {
    const iterator = this.#histogram.recordedValuesIterator;
    iterator.reset();
    while (iterator.hasNext()) {
      const { valueIteratedTo, countAddedInThisIterationStep } = iterator.next();
      const value = Math.min(valueIteratedTo, this.#histogram.maxValue) / 1000;
      yield { value, count: countAddedInThisIterationStep };
    }
  }
}
