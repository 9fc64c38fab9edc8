import { expect, test } from 'vitest';
import { Backoff } from '../../src/hosting/backoff.js';

test('What keeps failing is tried at once, then after 1, 2, 4, 8, 16 and at most 30 s', () => {
  const backoff = new Backoff();
  const waits = Array.from({ length: 8 }, () => backoff.next('e', 0));
  expect(waits).toEqual([0, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
});

test('What ran for more than a minute is tried at once again', () => {
  const backoff = new Backoff();
  backoff.next('e', 0);
  expect(backoff.next('e', 60_000)).toBe(1000);
  expect(backoff.next('e', 120_001)).toBe(0);
  expect(backoff.next('e', 120_002)).toBe(1000);
});

test('Each endpoint has a pause of its own, and a forgotten one none', () => {
  const backoff = new Backoff();
  backoff.next('a', 0);
  expect(backoff.next('b', 0)).toBe(0);
  backoff.forget('a');
  expect(backoff.next('a', 0)).toBe(0);
});
