import { Distribution } from './distribution.js';

export interface Dimension {
  readonly Name: string;
  readonly Value: string;
}

/** What a metric is known by. */
export interface Metric {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: readonly Dimension[];
}

/** Values are kept by the minute, which is the service's own resolution unless a higher one is asked for. */
export const MINUTE_MS = 60_000;

interface StoreLimits {
  /** Of one metric, in one unit: a day's. */
  readonly minutes: number;
  /** Of all metrics. */
  readonly totalMinutes: number;
}

const LIMITS: StoreLimits = { minutes: 1440, totalMinutes: 100_000 };

/** One metric in one unit: a distribution for every minute that has values. */
export class Series {
  readonly #minutes = new Map<number, Distribution>();
  /** Set where it had to make room: what is added from then on is seen by nobody. */
  dropped = false;
  #newest: { minute: number; values: Distribution } | undefined;

  constructor(
    readonly metric: Metric,
    readonly unit: string,
    private readonly limits: { readonly minutes: number; readonly onNewMinute: () => void },
  ) {}

  /** How many minutes have values. */
  get size(): number {
    return this.#minutes.size;
  }

  /** When the last values came that were newer than all others; minutes since the epoch. */
  get newestMinute(): number {
    return this.#newest?.minute ?? 0;
  }

  /** The values of the minute of a time (milliseconds), to add to. */
  at(time: number): Distribution {
    const minute = Math.floor(time / MINUTE_MS);
    if (this.#newest?.minute === minute) return this.#newest.values;
    const values = this.#minutes.get(minute) ?? this.#begin(minute);
    if (minute > this.newestMinute) this.#newest = { minute, values };
    return values;
  }

  /** Adds what came from `start` on and before `end` (milliseconds) to `periods`, by the beginning of each. */
  sumUp(
    { start, end, periodMs }: { start: number; end: number; periodMs: number },
    periods: Map<number, Distribution>,
  ): void {
    for (const [minute, values] of this.#minutes) {
      const time = minute * MINUTE_MS;
      if (time < start || time >= end) continue;
      const begin = start + Math.floor((time - start) / periodMs) * periodMs;
      const sum = periods.get(begin) ?? new Distribution();
      sum.merge(values);
      periods.set(begin, sum);
    }
  }

  #begin(minute: number): Distribution {
    const values = new Distribution();
    this.#minutes.set(minute, values);
    if (this.#minutes.size > this.limits.minutes) {
      this.#minutes.delete(Math.min(...this.#minutes.keys()));
    } else {
      this.limits.onNewMinute();
    }
    return values;
  }
}

/** Metrics in memory, within bounds; where there are too many the one that was silent for longest goes. */
export class MetricStore {
  readonly #limits: StoreLimits;
  readonly #series = new Map<string, Series>();
  /** The same by their metrics, for alarms and policies look often. */
  readonly #byMetric = new Map<string, Series[]>();
  #minutes = 0;

  constructor(limits: Partial<StoreLimits> = {}) {
    this.#limits = { ...LIMITS, ...limits };
  }

  /** The series of a metric in a unit, made where there is none. */
  series(metric: Metric, unit: string): Series {
    const key = keyOf(metric, unit);
    let found = this.#series.get(key);
    if (found === undefined) {
      found = new Series(metric, unit, {
        minutes: this.#limits.minutes,
        onNewMinute: () => this.#count(key),
      });
      this.#series.set(key, found);
      const name = keyOf(metric, '');
      this.#byMetric.set(name, [...(this.#byMetric.get(name) ?? []), found]);
    }
    return found;
  }

  /** The series of a metric in every unit, or in one. */
  find(metric: Metric, unit?: string): Series[] {
    const all = this.#byMetric.get(keyOf(metric, '')) ?? [];
    return all.filter((series) => unit === undefined || series.unit === unit);
  }

  /** Every metric once, in the order of their names, with the minute of its last values. */
  metrics(): { metric: Metric; newestMinute: number }[] {
    const byKey = new Map<string, { metric: Metric; newestMinute: number }>();
    for (const { metric, newestMinute } of this.#series.values()) {
      const key = keyOf(metric, '');
      const known = byKey.get(key)?.newestMinute ?? 0;
      byKey.set(key, { metric, newestMinute: Math.max(known, newestMinute) });
    }
    return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, found]) => found);
  }

  #count(writing: string): void {
    this.#minutes += 1;
    while (this.#minutes > this.#limits.totalMinutes && this.#series.size > 1) {
      const [key, series] = [...this.#series]
        .filter(([key]) => key !== writing)
        .reduce((a, b) => (b[1].newestMinute < a[1].newestMinute ? b : a));
      series.dropped = true;
      this.#series.delete(key);
      this.#forget(series);
      this.#minutes -= series.size;
    }
  }

  #forget(series: Series): void {
    const name = keyOf(series.metric, '');
    const left = (this.#byMetric.get(name) ?? []).filter((one) => one !== series);
    if (left.length > 0) this.#byMetric.set(name, left);
    else this.#byMetric.delete(name);
  }
}

/** Dimensions are a set: their order tells nothing. */
function keyOf({ Namespace, MetricName, Dimensions }: Metric, unit: string): string {
  const dimensions = Dimensions.map(({ Name, Value }) => [Name, Value]).sort(
    ([a = ''], [b = '']) => (a < b ? -1 : 1),
  );
  return JSON.stringify([Namespace, MetricName, dimensions, unit]);
}
