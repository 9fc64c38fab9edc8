import { afterAll, expect, test } from 'vitest';
import { Backend } from '../../src/hosting/backend.js';
import { chooseBackend, chooseVariant } from '../../src/hosting/choose-variant.js';
import type { VariantRoute } from '../../src/hosting/route-table.js';

const backends = ['one', 'two', 'three'].map(
  (id) => new Backend(id, { host: '127.0.0.1', port: 9 }),
);

afterAll(() => Promise.all(backends.map((backend) => backend.close())));

const route = (variantName: string, weight: number): VariantRoute => ({
  variantName,
  weight,
  routingStrategy: 'RANDOM',
  timesOut: true,
  backends: [],
});

/** A thousand numbers, evenly spread over [0, 1). */
const SPREAD = Array.from({ length: 1000 }, (_, index) => index / 1000);

function share(variants: VariantRoute[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const random of SPREAD) {
    const name = chooseVariant(variants, random)?.variantName ?? 'none';
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

test('Each variant takes its weight’s share of the sum of weights', () => {
  expect(share([route('a', 1), route('b', 3)])).toEqual({ a: 250, b: 750 });
});

test('Weights need not add up to one, and may be fractions', () => {
  expect(share([route('a', 0.1), route('b', 0.4)])).toEqual({ a: 200, b: 800 });
});

test('A variant of weight zero takes nothing, wherever it stands', () => {
  expect(share([route('z', 0), route('a', 1), route('y', 0)])).toEqual({ a: 1000 });
});

test('Where all weights are zero no variant is chosen', () => {
  expect(share([route('a', 0), route('b', 0)])).toEqual({ none: 1000 });
});

test('The largest random number there is chooses the last variant', () => {
  const variants = [route('a', 0.1), route('b', 0.2), route('c', 0.7)];
  expect(chooseVariant(variants, 1 - Number.EPSILON / 2)?.variantName).toBe('c');
});

test('RANDOM chooses each instance alike', () => {
  const variant = { ...route('a', 1), backends };
  const chosen = [0, 0.33, 0.34, 0.66, 0.67, 0.999].map(
    (random) => chooseBackend(variant, random)?.containerId,
  );
  expect(chosen).toEqual(['one', 'one', 'two', 'two', 'three', 'three']);
});

test('LEAST_OUTSTANDING_REQUESTS chooses the instance that answers the fewest', () => {
  const variant: VariantRoute = {
    ...route('a', 1),
    routingStrategy: 'LEAST_OUTSTANDING_REQUESTS',
    backends,
  };
  const chosen = Array.from({ length: 5 }, () => {
    const backend = chooseBackend(variant, 0.5);
    backend?.enter();
    return backend?.containerId;
  });
  expect(chosen).toEqual(['one', 'two', 'three', 'one', 'two']);
  backends[2]?.leave();
  expect(chooseBackend(variant, 0.5)?.containerId).toBe('three');
});

test('A variant with no instance has none to choose', () => {
  expect(chooseBackend(route('a', 1), 0.5)).toBeUndefined();
});
