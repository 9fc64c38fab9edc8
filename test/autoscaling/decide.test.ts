import { expect, test } from 'vitest';
import { decide, type Situation } from '../../src/services/application-autoscaling/decide.js';

const MINUTE = 60_000;
const NOW = 1_000 * MINUTE + 12_345;

/** Values of the last whole minutes, the newest first; undefined for one without any. */
function situation(values: readonly (number | undefined)[], change: Partial<Situation> = {}) {
  return {
    policy: { TargetTrackingScalingPolicyConfiguration: { TargetValue: 10 } },
    target: { MinCapacity: 1, MaxCapacity: 6, SuspendedState: {} },
    capacity: 2,
    values: values.flatMap((value, index) =>
      value === undefined ? [] : { minute: (999 - index) * MINUTE, value },
    ),
    ...{ lastOut: 0, lastAny: 0, now: NOW },
    ...change,
  };
}

const low = (value: number) => Array.from({ length: 15 }, () => value);

const tracking = (more: object) => ({
  policy: { TargetTrackingScalingPolicyConfiguration: { TargetValue: 10, ...more } },
});

const suspended = (SuspendedState: object) => ({
  target: { MinCapacity: 1, MaxCapacity: 6, SuspendedState },
});

test.each<[string, Situation, number | undefined]>([
  ['three minutes above the target', situation([25, 11, 12]), 5],
  ['more than the most allows', situation([90, 90, 90]), 6],
  ['two minutes above', situation([25, 25, 10]), undefined],
  ['a minute without values among them', situation([25, undefined, 25, 25]), undefined],
  ['above, but just made larger', situation([25, 25, 25], { lastOut: NOW - 299_000 }), undefined],
  ['above, and the cool-down is over', situation([25, 25, 25], { lastOut: NOW - 300_000 }), 5],
  [
    'above, with a shorter cool-down',
    situation([25, 25, 25], { lastOut: NOW - 5_000, ...tracking({ ScaleOutCooldown: 5 }) }),
    5,
  ],
  [
    'above, suspended',
    situation([25, 25, 25], suspended({ DynamicScalingOutSuspended: true })),
    undefined,
  ],
  ['fifteen minutes well below', situation(low(4)), 1],
  ['fifteen minutes of no calls', situation(low(0), { capacity: 5 }), 1],
  ['fourteen minutes below', situation(low(4).slice(1)), undefined],
  ['below, but not by a tenth', situation(low(9)), undefined],
  ['below, and as small as it may be', situation(low(1), { capacity: 1 }), undefined],
  ['below, but just made larger', situation(low(1), { lastAny: NOW - 299_000 }), undefined],
  ['below, and never smaller', situation(low(1), tracking({ DisableScaleIn: true })), undefined],
  [
    'below, suspended',
    situation(low(1), suspended({ DynamicScalingInSuspended: true })),
    undefined,
  ],
  ['nothing known', situation([]), undefined],
  ['fewer than the least', situation([], { capacity: 0 }), 1],
  ['more than the most', situation([], { capacity: 9 }), 6],
])('With %s a variant of two is given %s', (_, given, wanted) => {
  expect(decide(given)?.capacity).toBe(wanted);
});
