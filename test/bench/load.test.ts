import { expect, test } from 'vitest';
import { dueAt, type LoadParts, runLoad, type Sent, totalOf } from '../../src/bench/load.js';
import { partsOf } from '../../src/bench/measure.js';

/* Loads on servers that are functions, so that a test says when each answers. */

interface Taken {
  readonly sent: Sent;
  readonly doneMs: number;
}

function taking(
  send: (index: number) => Promise<string>,
  signal = new AbortController().signal,
): { taken: Taken[]; parts: LoadParts<string> } {
  const taken: Taken[] = [];
  const onOutcome = (_: string, sent: Sent, doneMs: number) => taken.push({ sent, doneMs });
  return { taken, parts: { send, onOutcome, signal } };
}

const soon = () => new Promise<string>((resolve) => setImmediate(resolve, 'answer'));

test('As many as were asked for are sent, each once, and never more at once than were allowed', async () => {
  const indices: number[] = [];
  let underWay = 0;
  let most = 0;
  const { taken, parts } = taking(async (index) => {
    indices.push(index);
    underWay += 1;
    most = Math.max(most, underWay);
    const answer = await soon();
    underWay -= 1;
    return answer;
  });
  const result = await runLoad({ concurrency: 7, requests: 100 }, parts);
  expect(result).toMatchObject({ sent: 100, unsent: 0 });
  expect(indices).toEqual(Array.from({ length: 100 }, (_, index) => index));
  expect(taken).toHaveLength(100);
  expect(most).toBe(7);
});

test('An open loop is due evenly from the beginning, and as often as the rate says', () => {
  expect([0, 1, 2, 25].map((index) => dueAt(index, 25))).toEqual([0, 40, 80, 1000]);
  expect(totalOf({ concurrency: 1, rate: 25, durationMs: 1000 })).toBe(25);
  expect(totalOf({ concurrency: 1, rate: 0.1, durationMs: 1000 })).toBe(1);
  expect(totalOf({ concurrency: 1, rate: 25, durationMs: 1000, requests: 10 })).toBe(10);
  expect(totalOf({ concurrency: 1, rate: 25, requests: 40 })).toBe(40);
  expect(totalOf({ concurrency: 1, durationMs: 1000 })).toBeUndefined();
});

test('Requests that are due while a server stalls are counted from when they were due', async () => {
  // A clock of the test's own: the first request stalls for a second of it, the others take none.
  let clock = 0;
  let first = true;
  const { taken, parts } = taking(async () => {
    if (!first) return 'answer';
    first = false;
    await soon();
    clock = 1000;
    return 'answer';
  });
  const load = { concurrency: 1, rate: 100, requests: 100 };
  expect(await runLoad(load, { ...parts, now: () => clock })).toMatchObject({
    sent: 100,
    unsent: 0,
  });
  const latencies = taken.map(({ sent, doneMs }) => doneMs - sent.dueMs);
  expect(latencies).toEqual(Array.from({ length: 100 }, (_, index) => 1000 - index * 10));
  expect(taken.slice(1).every(({ sent }) => sent.sentMs === 1000)).toBe(true);
});

test('What was due and could not be sent before the time was over is told, and not sent', async () => {
  let clock = 0;
  const { taken, parts } = taking(async () => {
    await soon();
    clock += 600;
    return 'answer';
  });
  const load = { concurrency: 1, rate: 10, durationMs: 1000 };
  const result = await runLoad(load, { ...parts, now: () => clock });
  expect(taken).toHaveLength(2);
  expect(result).toMatchObject({ sent: 2, unsent: 8 });
});

test('A request that is due just before the end is sent, however late the timer', async () => {
  const { taken, parts } = taking(soon);
  // As many may be under way as are due: none waits for another, however long this process is kept from its timer.
  const result = await runLoad({ concurrency: 50, rate: 1000, durationMs: 50 }, parts);
  expect(result).toMatchObject({ sent: 50, unsent: 0 });
  expect(taken).toHaveLength(50);
});

test('It ends at once when it is told to, without those that are under way', async () => {
  for (const rate of [undefined, 1000]) {
    const controller = new AbortController();
    let asked = 0;
    const never = () => {
      asked += 1;
      if (asked === 3) controller.abort();
      return new Promise<string>(() => undefined);
    };
    const { taken, parts } = taking(never, controller.signal);
    const result = await runLoad({ concurrency: 3, rate, requests: 10 }, parts);
    expect(result).toMatchObject({ sent: 3, unsent: 0 });
    expect(taken).toEqual([]);
  }
});

test('A load in rounds is the whole load', () => {
  const parts = partsOf({ concurrency: 2, requests: 25, durationMs: 5000 }, 10);
  expect(parts).toHaveLength(10);
  expect(parts.reduce((sum, { requests = 0 }) => sum + requests, 0)).toBe(25);
  expect(parts.reduce((sum, { durationMs = 0 }) => sum + durationMs, 0)).toBe(5000);
  expect(partsOf({ concurrency: 2, requests: 3 }, 10)).toHaveLength(3);
});
