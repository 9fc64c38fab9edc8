import { expect, test } from 'vitest';
import {
  decideStep,
  type StepSituation,
} from '../../src/services/application-autoscaling/decide-step.js';
import {
  checkedSteps,
  type StepScaling,
} from '../../src/services/application-autoscaling/step-policy.js';

const NOW = 10_000_000;

const step = (lower: number | undefined, upper: number | undefined, ScalingAdjustment: number) => ({
  ...{ MetricIntervalLowerBound: lower, MetricIntervalUpperBound: upper },
  ScalingAdjustment,
});

/** The user guide's policies: 50 % ± 10 for nothing, then 10 % and 30 % more or less. */
const OUT = [step(0, 10, 0), step(10, 20, 10), step(20, undefined, 30)];
const IN = [step(-10, 0, 0), step(-20, -10, -10), step(undefined, -20, -30)];

const percent = (StepAdjustments: StepScaling['StepAdjustments'], more = {}): StepScaling =>
  checkedSteps({ AdjustmentType: 'PercentChangeInCapacity', StepAdjustments, ...more });
const change = (amount: number, more = {}): StepScaling =>
  checkedSteps({
    ...{ AdjustmentType: 'ChangeInCapacity', ...more },
    StepAdjustments: [amount > 0 ? step(0, undefined, amount) : step(undefined, 0, amount)],
  });
const exact = (amount: number): StepScaling =>
  checkedSteps({ AdjustmentType: 'ExactCapacity', StepAdjustments: [step(0, undefined, amount)] });

const wanted = (policy: StepScaling, values: number[], more: Partial<StepSituation> = {}) =>
  decideStep({
    ...{ policy, datapoints: values, threshold: 50, below: false, capacity: 10, now: NOW },
    target: { MinCapacity: 1, MaxCapacity: 20, SuspendedState: {} },
    ...{ lastOut: { time: 0, from: 0 }, lastAny: 0 },
    ...more,
  })?.capacity;

test.each<[string, number | undefined, number | undefined]>([
  ['59.9 is in the first step, which does nothing', wanted(percent(OUT), [59.9]), undefined],
  ['60 is in the second', wanted(percent(OUT), [60]), 11],
  ['70 is in the third', wanted(percent(OUT), [70]), 13],
  ['Below the threshold a policy for above has no step', wanted(percent(OUT), [49]), undefined],
  ['40 is in the first one downwards', wanted(percent(IN), [30.1], { below: true }), 9],
  ['30 belongs to the step below', wanted(percent(IN), [30], { below: true }), 7],
  ['At the threshold an alarm for above is at its lower bound', wanted(change(2), [50]), 12],
  ['and one for below at its upper', wanted(change(-2), [50], { below: true }), 8],
  ['The mean decides', wanted(percent(OUT), [40, 80]), 11],
  ['or the greatest', wanted(percent(OUT, { MetricAggregationType: 'Maximum' }), [40, 80]), 13],
  ['or the least', wanted(percent(OUT, { MetricAggregationType: 'Minimum' }), [60, 80]), 11],
  ['A share of less than one is one', wanted(percent(OUT), [60], { capacity: 4 }), 5],
  ['A share is rounded towards zero', wanted(percent(OUT), [70], { capacity: 9 }), 11],
  [
    'unless more is the least',
    wanted(percent(OUT, { MinAdjustmentMagnitude: 3 }), [60], { capacity: 4 }),
    7,
  ],
  ['An exact size', wanted(exact(4), [60]), 4],
  ['Never above the bounds', wanted(change(50), [60]), 20],
  ['Never below them', wanted(change(-50), [40], { below: true }), 1],
  ['No values say nothing', wanted(change(2), []), undefined],
  [
    'During the cool-down the same step does no more',
    wanted(change(2), [60], { lastOut: { time: NOW - 299_000, from: 8 } }),
    undefined,
  ],
  [
    'but a larger one does what is left of it',
    wanted(change(3), [60], { lastOut: { time: NOW - 299_000, from: 8 } }),
    11,
  ],
  [
    'and when it is over, all of it',
    wanted(change(2), [60], { lastOut: { time: NOW - 300_000, from: 8 } }),
    12,
  ],
  [
    'Nothing is taken away during a cool-down',
    wanted(change(-2), [40], { below: true, lastAny: NOW - 299_000 }),
    undefined,
  ],
  [
    'which may be shorter',
    wanted(change(-2, { Cooldown: 10 }), [40], { below: true, lastAny: NOW - 11_000 }),
    8,
  ],
  ['But more is added at once after less', wanted(change(2), [60], { lastAny: NOW - 1_000 }), 12],
  [
    'Suspended',
    wanted(change(2), [60], {
      target: {
        ...{ MinCapacity: 1, MaxCapacity: 20 },
        SuspendedState: { DynamicScalingOutSuspended: true },
      },
    }),
    undefined,
  ],
])('%s', (_, found, expected) => {
  expect(found).toBe(expected);
});

test.each<[string, Partial<StepScaling>, string]>([
  ['no steps', { StepAdjustments: [] }, 'At least one StepAdjustment is required'],
  [
    'no bounds',
    { StepAdjustments: [step(undefined, undefined, 1)] },
    'Both lower and upper bounds',
  ],
  ['a gap', { StepAdjustments: [step(0, 10, 1), step(20, undefined, 2)] }, 'leave a gap'],
  ['an overlap', { StepAdjustments: [step(0, 10, 1), step(5, undefined, 2)] }, 'overlap'],
  [
    'two without an end',
    { StepAdjustments: [step(0, undefined, 1), step(5, undefined, 2)] },
    'overlap',
  ],
  ['an end above', { StepAdjustments: [step(0, 10, 1)] }, 'unspecified upper bound (i.e., upper'],
  ['an end below', { StepAdjustments: [step(-10, 0, 1)] }, 'unspecified lower bound (i.e., lower'],
  ['bounds the wrong way', { StepAdjustments: [step(10, 0, 1)] }, 'must be less than'],
  [
    'too many',
    { StepAdjustments: Array.from({ length: 21 }, (_, i) => step(i, i + 1, 1)) },
    'at most 20 step adjustments',
  ],
  [
    'a negative size',
    { AdjustmentType: 'ExactCapacity', StepAdjustments: [step(0, undefined, -1)] },
    'must not be negative',
  ],
  ['a least change of no share', { MinAdjustmentMagnitude: 2 }, 'only for the adjustment type'],
  ['a negative cool-down', { Cooldown: -1 }, 'Cooldown'],
])('A policy with %s is refused', (_, given, text) => {
  const whole = {
    ...{ AdjustmentType: 'ChangeInCapacity', StepAdjustments: [step(0, undefined, 1)] },
    ...given,
  } as Partial<StepScaling>;
  expect(() => checkedSteps(whole)).toThrow(text);
});

test('A policy without any configuration, or without the type of its adjustments, is refused', () => {
  expect(() => checkedSteps(undefined)).toThrow('StepScalingPolicyConfiguration is required');
  expect(() => checkedSteps({ StepAdjustments: OUT })).toThrow('AdjustmentType is required');
});
