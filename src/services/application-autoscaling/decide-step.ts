import type { ScalableTarget } from './context.js';
import type { StepAdjustment, StepScaling } from './step-policy.js';

/** A policy that an alarm has called, and what it finds. */
export interface StepSituation {
  readonly policy: StepScaling;
  readonly target: Pick<ScalableTarget, 'MinCapacity' | 'MaxCapacity' | 'SuspendedState'>;
  readonly capacity: number;
  /** What the metric was in each period that the alarm has looked at. */
  readonly datapoints: readonly number[];
  readonly threshold: number;
  /** Whether the alarm goes off below its threshold. */
  readonly below: boolean;
  /** When the variant was last made larger, and from how many that was reckoned; and when it was last changed at all. */
  readonly lastOut: { readonly time: number; readonly from: number };
  readonly lastAny: number;
  readonly now: number;
}

/** The service's own, unless the policy says another (API reference). */
const COOLDOWN_S = 300;

/**
 * How many instances a step policy wants, by the user guide's rules: the step whose interval has the distance of the metric from
 * the threshold; within the target's bounds; larger during a cool-down only by what is more than was added before it, smaller
 * not at all.
 *
 * @returns undefined where it stays as it is; else also what that was reckoned from
 */
export function decideStep(
  situation: StepSituation,
): { readonly capacity: number; readonly base: number } | undefined {
  const { policy, target, capacity, lastOut, lastAny, now } = situation;
  const step = stepOf(situation);
  if (step === undefined) return undefined;
  const cooldownMs = (policy.Cooldown ?? COOLDOWN_S) * 1000;
  const coolingOut = now - lastOut.time < cooldownMs;
  const base = coolingOut ? Math.min(capacity, lastOut.from) : capacity;
  const wanted = adjusted(policy, step.ScalingAdjustment, base);
  const next = Math.min(target.MaxCapacity, Math.max(target.MinCapacity, wanted));
  const { DynamicScalingOutSuspended: noOut, DynamicScalingInSuspended: noIn } =
    target.SuspendedState;
  if (next > capacity) return noOut ? undefined : { capacity: next, base };
  if (next === capacity || coolingOut || now - lastAny < cooldownMs) return undefined;
  return noIn ? undefined : { capacity: next, base };
}

/** The step for how far the metric, put together as the policy says, is from the threshold. */
function stepOf({ policy, datapoints, threshold, below }: StepSituation) {
  if (datapoints.length === 0) return undefined;
  const distance = aggregate(policy.MetricAggregationType ?? 'Average', datapoints) - threshold;
  const upwards = distance > 0 || (distance === 0 && !below);
  return policy.StepAdjustments.find((step) => isWithin(distance, step, upwards));
}

/** Above the threshold the lower bound belongs to a step, below it the upper one (API reference). */
function isWithin(distance: number, step: StepAdjustment, upwards: boolean): boolean {
  const {
    MetricIntervalLowerBound: lower = -Infinity,
    MetricIntervalUpperBound: upper = Infinity,
  } = step;
  return upwards ? distance >= lower && distance < upper : distance > lower && distance <= upper;
}

function aggregate(
  type: NonNullable<StepScaling['MetricAggregationType']>,
  values: readonly number[],
): number {
  if (type === 'Minimum') return Math.min(...values);
  if (type === 'Maximum') return Math.max(...values);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function adjusted(policy: StepScaling, amount: number, capacity: number): number {
  switch (policy.AdjustmentType) {
    case 'ExactCapacity':
      return amount;
    case 'ChangeInCapacity':
      return capacity + amount;
    case 'PercentChangeInCapacity':
      return capacity + byPercent(policy, (capacity * amount) / 100);
  }
}

/** Towards zero, but never to nothing: 12.7 is 12, 0.67 is 1, -0.58 is -1, -6.67 is -6 (user guide). */
function byPercent({ MinAdjustmentMagnitude: least = 1 }: StepScaling, change: number): number {
  if (change === 0) return 0;
  return Math.sign(change) * Math.max(least, Math.trunc(Math.abs(change)));
}
