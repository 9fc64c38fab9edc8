import { expect, test } from 'vitest';
import { effectOf } from '../../src/bench/levels.js';
import { pairedInterval, unpairedInterval } from '../../src/bench/ranks.js';
import type { Figures, RoundFigures } from '../../src/bench/recorder.js';
import { verdictOn } from '../../src/bench/verdict.js';
import { describeLevels, verdictLine } from '../../src/commands/bench-verdict.js';
import { randomOf } from '../support/random.js';

/** Rounds whose median is about so many milliseconds, a tenth of it noise, as skewed as latencies are. */
function rounds(median: number, count: number, random: () => number): RoundFigures[] {
  return Array.from({ length: count }, () => {
    const p50 = median * Math.exp(0.1 * normal(random));
    const throughput = 1000 / p50;
    const figures = { p50, p90: p50 * 1.5, p99: p50 * (2 + random()), throughput };
    return { answered: 100, failed: 0, elapsedMs: 1000, ...figures };
  });
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** In how many of 1000 comparisons something was found. */
function found(one: () => boolean): number {
  return Array.from({ length: 1000 }, one).filter(Boolean).length;
}

test('Intervals are those of the tables: what they leave out at either end is the critical value', () => {
  // Ten pairs: 8 is the greatest sum of ranks that is significant at 5 %, so the ninth of 55 means is the end.
  const ten = pairedInterval([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  const means = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    .flatMap((a, index, all) => all.slice(index).map((b) => (a + b) / 2))
    .sort((a, b) => a - b);
  expect(ten).toEqual({ estimate: 5.5, low: means[8], high: means[46] });
  // Six against six: U is at most 5; four against four: 0; three against three are too few.
  const six = [0, 1, 2, 3, 4, 5];
  const differences = six.flatMap((a) => six.map((b) => a - b)).sort((a, b) => a - b);
  expect(unpairedInterval(six, six)).toEqual({
    estimate: 0,
    low: differences[5],
    high: differences[30],
  });
  expect(unpairedInterval([1, 2, 3, 4], [5, 6, 7, 8])).toEqual({ estimate: -4, low: -7, high: -1 });
  expect(unpairedInterval([1, 2, 3], [5, 6, 7])).toBeUndefined();
  expect(pairedInterval([1, 2, 3, 4, 5])).toBeUndefined();
  expect(pairedInterval([1, 2, 3, 4, 5, 6])).toEqual({ estimate: 3.5, low: 1, high: 6 });
});

test.each(['in turn', 'apart'] as const)(
  'Of two that are the same, %s, a difference is told in no more than one of twenty comparisons',
  (taken) => {
    const random = randomOf(7);
    const told = found(
      () =>
        verdictOn(rounds(20, 10, random), rounds(20, 10, random), taken).second !== 'no difference',
    );
    expect(told).toBeGreaterThan(0);
    expect(told).toBeLessThan(65);
  },
);

test.each(['in turn', 'apart'] as const)(
  'One that takes a quarter longer is slower, and its opposite is faster, in nearly every comparison %s',
  (taken) => {
    const random = randomOf(11);
    const slower = found(
      () => verdictOn(rounds(20, 10, random), rounds(25, 10, random), taken).second === 'slower',
    );
    expect(slower).toBeGreaterThan(950);
    const faster = verdictOn(rounds(25, 10, random), rounds(20, 10, random), taken);
    expect(faster.second).toBe('faster');
    const [{ ratio } = { ratio: { estimate: 0, low: 0, high: 0 } }] = faster.changes.filter(
      ({ figure }) => figure === 'p50',
    );
    expect(ratio.low).toBeLessThan(0.8);
    expect(ratio.high).toBeGreaterThan(0.8);
    expect(verdictLine('a', 'b', faster)).toMatch(
      /^b is faster than a: its median latency is \d+\.\d % lower \(95 % interval −.* to −.*\)\.$/,
    );
  },
);

test('What the machine does meanwhile touches both of a pair, and hides no difference', () => {
  const random = randomOf(3);
  const drift = Array.from({ length: 10 }, (_, index) => 10 * 1.5 ** index);
  const first = drift.flatMap((median) => rounds(median, 1, random));
  const second = drift.flatMap((median) => rounds(median * 1.3, 1, random));
  expect(verdictOn(first, second, 'in turn').second).toBe('slower');
  expect(verdictOn(first, second, 'apart').second).toBe('no difference');
});

test('Rounds without an answer count for nobody, and too few say nothing', () => {
  const random = randomOf(5);
  const silent = { answered: 0, failed: 9, elapsedMs: 1000, throughput: 0, p50: 0, p90: 0, p99: 0 };
  const some = [...rounds(20, 5, random), silent, silent];
  const verdict = verdictOn(some, rounds(10, 7, random), 'in turn');
  expect(verdict).toMatchObject({ second: 'unknown', rounds: [5, 5], changes: [] });
  expect(verdictLine('a', 'b', verdict)).toMatch(/too few rounds/);
});

function level(concurrency: number, throughput: number, random: () => number) {
  const latency = (1000 * concurrency) / throughput;
  const all = rounds(latency, 10, random).map((one) => ({
    ...one,
    throughput: (one.throughput * throughput * latency) / 1000,
  }));
  const p50 = latency;
  const latencyMs = { p50 } as Figures['latencyMs'];
  return {
    concurrency,
    figures: { answered: 1000, throughput, latencyMs, rounds: all } as unknown as Figures,
  };
}

test('Levels tell a server that answers several together from one that answers in turn', () => {
  const random = randomOf(13);
  const batching = effectOf([
    level(1, 50, random),
    level(2, 95, random),
    level(4, 180, random),
    level(8, 182, random),
  ]);
  expect(batching).toMatchObject({ served: 'together', enough: 4, mayRise: false });
  expect(describeLevels(batching ?? fail())).toMatch(/^4 at once are answered 3\.60 times as fast/);
  const inTurn = effectOf([level(1, 50, random), level(2, 51, random), level(8, 49, random)]);
  expect(inTurn).toMatchObject({ served: 'in turn' });
  expect(effectOf([level(1, 50, random)])).toBeUndefined();
});

function fail(): never {
  throw new Error('There is no effect.');
}
