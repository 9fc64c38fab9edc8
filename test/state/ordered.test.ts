import { expect, test } from 'vitest';
import { Ordered, type Place } from '../../src/state/ordered.js';
import { randomOf } from '../support/random.js';

const placeOf = ([age, name]: readonly [number, string]): Place => [age, name];

function named(records: Iterable<readonly [number, string]>): string[] {
  return [...records].map(([, name]) => name);
}

test('Records that came, changed and went stand as if they were sorted anew', () => {
  const random = randomOf(7);
  const all = new Map<string, readonly [number, string]>();
  const ordered = new Ordered(() => [...all.values()], placeOf);
  for (let step = 0; step < 2_000; step += 1) {
    const name = `r${Math.floor(random() * 50)}`;
    const before = all.get(name);
    const after = random() < 0.3 ? undefined : ([Math.floor(random() * 10), name] as const);
    if (after === undefined) all.delete(name);
    else all.set(name, after);
    ordered.replace(before, after);
    const sorted = [...all.values()].sort(([a, x], [b, y]) => a - b || (x < y ? -1 : 1));
    expect(named(ordered.walk('ascending'))).toEqual(named(sorted));
    expect(named(ordered.walk('descending'))).toEqual(named(sorted).reverse());
  }
});

test('A walk begins after a place, whether or not a record stands there', () => {
  const ordered = new Ordered(
    () => [[1, 'a'] as const, [1, 'c'] as const, [2, 'b'] as const],
    placeOf,
  );
  expect(named(ordered.walk('ascending', [1, 'a']))).toEqual(['c', 'b']);
  expect(named(ordered.walk('ascending', [1, 'b']))).toEqual(['c', 'b']);
  expect(named(ordered.walk('descending', [2, 'b']))).toEqual(['c', 'a']);
  expect(named(ordered.walk('descending', [1, 'b']))).toEqual(['a']);
  expect(named(ordered.walk('ascending', [9, 'z']))).toEqual([]);
  expect(named(ordered.walk('descending', [0, '']))).toEqual([]);
});
