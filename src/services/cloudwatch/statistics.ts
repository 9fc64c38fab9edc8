import type { Distribution } from './distribution.js';
import { invalidValue, validationError } from './errors.js';
import { MINUTE_MS, type Series } from './metric-store.js';

/** What a statistic makes of values. */
export type Statistic = (values: Distribution) => number | undefined;

const SIMPLE: Readonly<Record<string, Statistic>> = {
  SampleCount: ({ count }) => count,
  Sum: ({ sum }) => sum,
  Average: ({ sum, count }) => sum / count,
  Minimum: ({ min }) => min,
  Maximum: ({ max }) => max,
};

const PERCENTILE = /^p(\d{1,2}(?:\.\d{1,10})?|100)$/i;

/**
 * A statistic by the service's name for it: the five simple ones and percentiles.
 * @throws ServiceError `InvalidParameterValue` for any other; trimmed statistics and ranks are not served
 */
export function statisticOf(name: string): Statistic {
  const simple = Object.hasOwn(SIMPLE, name) ? SIMPLE[name] : undefined;
  if (simple !== undefined) return simple;
  const percent = PERCENTILE.exec(name)?.[1];
  if (percent !== undefined) return (values) => values.percentile(Number(percent));
  throw invalidValue(
    `The value ${name} for parameter Stat is not supported: smlocal has SampleCount, Sum, Average, Minimum, Maximum and percentiles.`,
  );
}

/** The short periods of the service, for metrics of a high resolution; here they are all kept by the minute. */
const SHORT_PERIODS = [1, 5, 10, 20, 30];

export interface Range {
  readonly start: number;
  readonly end: number;
  readonly periodMs: number;
}

/**
 * The time that is asked about: from the minute of its start on, for whole minutes are kept.
 * @throws ServiceError where it ends before it begins, or the period is none of the service's
 */
export function rangeOf(start: Date, end: Date, period: number): Range {
  if (start >= end) {
    throw validationError('The parameter StartTime must be less than the parameter EndTime.');
  }
  if (period % 60 !== 0 && !SHORT_PERIODS.includes(period)) {
    throw invalidValue(`The parameter Period must be a multiple of 60: ${period}.`);
  }
  return {
    start: Math.floor(start.getTime() / MINUTE_MS) * MINUTE_MS,
    end: end.getTime(),
    periodMs: period * 1000,
  };
}

/** The values of each period that has any, the oldest first. */
export function periodsOf(series: readonly Series[], range: Range): [number, Distribution][] {
  const periods = new Map<number, Distribution>();
  for (const one of series) one.sumUp(range, periods);
  return [...periods].sort(([a], [b]) => a - b);
}
