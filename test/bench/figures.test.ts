import { expect, onTestFinished, test, vi } from 'vitest';
import type { Metrics } from '../../src/aws/metrics.js';
import { estimateCost, pricePerThousand } from '../../src/bench/cost.js';
import { histogramRows } from '../../src/bench/histogram.js';
import { Latencies } from '../../src/bench/latencies.js';
import { readVariantMetrics, windowOf } from '../../src/bench/model-latency.js';
import { type Outcome, Recorder } from '../../src/bench/recorder.js';
import { BenchLive } from '../../src/commands/bench-live.js';
import { randomOf } from '../support/random.js';

const OK: Outcome = { ok: true, variant: 'A' };
const failed = (kind: string): Outcome => ({
  ok: false,
  kind,
  message: `first ${kind}`,
  reached: true,
});
const sentAt = (dueMs: number, sentMs = dueMs) => ({ index: 0, dueMs, sentMs });

test('Percentiles are right to a thousandth of what was seen, from microseconds to half an hour', () => {
  for (const scale of [0.01, 1, 199]) {
    const latencies = new Latencies();
    for (let value = 1; value <= 10_000; value += 1) latencies.add(value * scale);
    const { count, min, mean, p50, p90, p99, max } = latencies.figures() ?? {};
    expect(count).toBe(10_000);
    const near = (found: number | undefined, meant: number) =>
      expect(Math.abs((found ?? 0) / (meant * scale) - 1)).toBeLessThan(0.002);
    near(min, 1);
    near(mean, 5000.5);
    near(p50, 5000);
    near(p90, 9000);
    near(p99, 9900);
    near(max, 10_000);
  }
  expect(new Latencies().figures()).toBeUndefined();
});

test('A histogram has each answer in one row, rows that follow each other, and twelve of them at most', () => {
  const random = randomOf(17);
  const spreads = [
    () => 20 + random(),
    () => 5 * Math.exp(3 * random()),
    () => (random() < 0.5 ? 1 : 900),
    () => 4,
  ];
  for (const spread of spreads) {
    const latencies = new Latencies();
    for (let index = 0; index < 5000; index += 1) latencies.add(spread());
    latencies.add(60_000);
    const rows = histogramRows([...latencies.seen()]);
    expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(5001);
    expect(rows.length).toBeLessThanOrEqual(13);
    expect(rows.slice(1).every(({ from }, index) => from === rows[index]?.to)).toBe(true);
    expect(rows.every(({ from, to }) => from < to)).toBe(true);
    expect(rows.at(-1)).toMatchObject({ to: 60_000 });
  }
  expect(histogramRows([])).toEqual([]);
});

test('Failures are counted by kind, the commonest first, and are in no latency', () => {
  const recorder = new Recorder();
  recorder.add(OK, sentAt(0), 10, 0);
  recorder.add(failed('b'), sentAt(0), 5000, 0);
  for (let index = 0; index < 3; index += 1) recorder.add(failed('a'), sentAt(0), 20, 1);
  const figures = recorder.figures(false);
  expect(figures).toMatchObject({
    answered: 1,
    failed: 4,
    errors: [
      { kind: 'a', count: 3, example: 'first a' },
      { kind: 'b', count: 1, example: 'first b' },
    ],
    variants: { A: 1 },
    lateMs: undefined,
  });
  expect(figures.latencyMs?.max).toBe(10);
});

test('An open loop’s latencies begin when a request was due, and what it waited here is told too', () => {
  const recorder = new Recorder();
  recorder.add(OK, sentAt(100, 130), 150, 0);
  const { latencyMs, lateMs } = recorder.figures(true);
  expect([latencyMs?.max, lateMs?.max]).toEqual([50, 30]);
});

test('A round lasts from the end of the one before to its own last answer', () => {
  const recorder = new Recorder();
  recorder.add(OK, sentAt(0), 1000, 0);
  recorder.add(OK, sentAt(1000), 1500, 1);
  recorder.add(OK, sentAt(1500), 2000, 1);
  const { rounds, elapsedMs, throughput } = recorder.figures(false);
  expect(rounds.map((one) => one.throughput)).toEqual([1, 2]);
  expect([elapsedMs, throughput]).toEqual([2000, 1.5]);
});

test('What CloudWatch is asked about begins and ends with a minute', () => {
  const window = windowOf(new Date('2026-01-01T10:00:59.5Z'), new Date('2026-01-01T10:02:00Z'));
  expect(window).toEqual({
    start: new Date('2026-01-01T10:00:00Z'),
    end: new Date('2026-01-01T10:03:00Z'),
  });
});

test('Of several periods each weighs as much as it has values, in milliseconds; a variant without values has none', async () => {
  const minutes: Record<string, [number, number][]> = {
    'Invocations Sum': [
      [0, 30],
      [60, 10],
    ],
    'ModelLatency SampleCount': [
      [0, 30],
      [60, 10],
    ],
    'ModelLatency Average': [
      [60, 8000],
      [0, 4000],
    ],
    'ModelLatency p50': [
      [0, 2000],
      [60, 2000],
    ],
  };
  const asked: string[] = [];
  const metrics: Metrics = {
    read: async (queries) =>
      queries.map(({ metric, statistic, dimensions }) => {
        asked.push(dimensions.VariantName ?? '');
        const points = dimensions.VariantName === 'A' ? minutes[`${metric} ${statistic}`] : [];
        return (points ?? []).map(([time, value]) => ({ time, value }));
      }),
    dispose: () => {},
  };
  const window = windowOf(new Date(0), new Date(61_000));
  const { signal } = new AbortController();
  expect(await readVariantMetrics(metrics, 'e', ['A', 'B'], window, signal)).toEqual([
    {
      ...{ variantName: 'A', invocations: 40, overheadLatencyMs: undefined },
      modelLatencyMs: { average: 5, p50: 2, p90: undefined, p99: undefined },
    },
    { variantName: 'B', invocations: 0, modelLatencyMs: undefined, overheadLatencyMs: undefined },
  ]);
  expect(new Set(asked)).toEqual(new Set(['A', 'B']));
});

test('While it measures, a terminal shows what is answered now, and the percentiles so far', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let shown = '';
  const out = {
    isTTY: true,
    write: (text: string) => (shown += text),
  } as unknown as NodeJS.WriteStream;
  const live = new BenchLive(out);
  const recorder = new Recorder();
  live.follow(recorder, 'news');
  for (let index = 0; index < 40; index += 1) recorder.add(OK, sentAt(0), 10, 0);
  recorder.add(failed('a'), sentAt(0), 10, 0);
  vi.advanceTimersByTime(1000);
  expect(shown).toContain(
    'news: 40 answered, 40.0 a second, p50 10.0 ms, p90 10.0 ms, p95 10.0 ms, p99 10.0 ms, 1 failed',
  );
  shown = '';
  vi.advanceTimersByTime(1000);
  expect(shown).toContain('news: 40 answered, 0 a second');
  live.end();
  expect(shown.endsWith('\r\u001B[K')).toBe(true);
});

test('The cost is hours of all instances, or gigabyte-seconds of what may work at once; unknown is no number', () => {
  const instances = [
    { variantName: 'A', instanceType: 'ml.m5.large', instanceCount: 2 },
    { variantName: 'B', instanceType: 'ml.m5.large', instanceCount: 1 },
  ];
  const demand = { requests: 1000, seconds: 1200, concurrency: 8, meanBytes: 500 };
  expect(estimateCost(demand, instances, { perInstanceHour: 2 })).toEqual({
    ...{ requests: 1000, bytesIn: 500_000, instanceHours: 1, gbSeconds: 0, price: 2 },
  });
  expect(estimateCost(demand, instances, {}).price).toBeUndefined();
  const serverless = [{ variantName: 'S', serverlessMemoryMb: 2048, serverlessMostAtOnce: 5 }];
  expect(estimateCost(demand, serverless, { perGbSecond: 0.5 })).toMatchObject({
    ...{ instanceHours: 0, gbSeconds: 12_000, price: 6000 },
  });
  const untimed = { ...demand, seconds: undefined, requests: undefined };
  expect(estimateCost(untimed, instances, { perInstanceHour: 2 })).toEqual({
    ...{ requests: undefined, bytesIn: undefined, instanceHours: undefined, gbSeconds: 0 },
    price: undefined,
  });
  expect(pricePerThousand(100, instances, { perInstanceHour: 12 })).toBeCloseTo(0.1);
  expect(pricePerThousand(0, instances, { perInstanceHour: 12 })).toBeUndefined();
});
