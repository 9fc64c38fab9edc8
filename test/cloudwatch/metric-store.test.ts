import { expect, test } from 'vitest';
import { Distribution } from '../../src/services/cloudwatch/distribution.js';
import { InvocationMetrics } from '../../src/services/cloudwatch/invocation-metrics.js';
import { MetricStore, MINUTE_MS } from '../../src/services/cloudwatch/metric-store.js';
import { periodsOf } from '../../src/services/cloudwatch/statistics.js';
import { randomOf, seedOfRun } from '../support/random.js';

test('Percentiles of any values are right to one in a hundred', () => {
  const random = randomOf(seedOfRun());
  for (const scale of [1e-6, 1, 1e9, -1e3]) {
    const values = Array.from({ length: 2_000 }, () => random() ** 3 * scale);
    const all = new Distribution();
    for (const value of values) all.add(value);
    values.sort((a, b) => a - b);
    for (const percent of [1, 50, 90, 99, 99.9, 100]) {
      const exact = values[Math.ceil((percent / 100) * values.length) - 1] ?? 0;
      const found = all.percentile(percent) ?? Number.NaN;
      expect(Math.abs(found - exact)).toBeLessThanOrEqual(Math.abs(exact) * 0.011);
    }
  }
});

test('Zero, negative and no values have percentiles too, or none', () => {
  const all = new Distribution();
  expect(all.percentile(50)).toBeUndefined();
  for (const value of [-2, 0, 0, 7]) all.add(value);
  expect(all.percentile(50)).toBe(0);
  expect(all.percentile(1)).toBeCloseTo(-2, 1);
  expect(all.percentile(100)).toBe(7);
});

const METRIC = { Namespace: 'n', MetricName: 'm', Dimensions: [] };
const wide = { start: 0, end: 1e15, periodMs: 1e15 };

test('A metric keeps its newest minutes, and what is older than those is not taken in', () => {
  const store = new MetricStore({ minutes: 3 });
  const series = store.series(METRIC, 'None');
  for (const minute of [5, 6, 7, 8, 2]) series.at(minute * MINUTE_MS).add(minute);
  const periods = periodsOf([series], { start: 0, end: 1e9, periodMs: MINUTE_MS });
  expect(periods.map(([time]) => time / MINUTE_MS)).toEqual([6, 7, 8]);
});

test('Of too many metrics the one goes that was silent for longest; who writes to it gets a new one', () => {
  const store = new MetricStore({ totalMinutes: 8 });
  const metrics = new InvocationMetrics(store);
  const sample = { variantName: 'v', instances: 2, statusCode: 200, modelMs: 3, totalMs: 4 };
  metrics.record({ ...sample, endpointName: 'old' }, 10 * MINUTE_MS);
  metrics.record({ ...sample, endpointName: 'new' }, 20 * MINUTE_MS);
  const invocations = (Value: string) =>
    periodsOf(
      store.find({
        ...{ Namespace: 'AWS/SageMaker', MetricName: 'Invocations' },
        Dimensions: [
          { Name: 'VariantName', Value: 'v' },
          { Name: 'EndpointName', Value },
        ],
      }),
      wide,
    ).map(([, { sum }]) => sum);
  expect(invocations('old')).toEqual([]);
  expect(invocations('new')).toEqual([1]);
  metrics.record({ ...sample, endpointName: 'old' }, 21 * MINUTE_MS);
  expect(invocations('old')).toEqual([1]);
});
