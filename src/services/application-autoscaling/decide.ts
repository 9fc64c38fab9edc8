import type { ScalableTarget, TrackingPolicy } from './context.js';

/** A metric's value in one whole minute. */
export interface MinuteValue {
  /** Milliseconds since the epoch. */
  readonly minute: number;
  readonly value: number;
}

export interface Situation {
  readonly policy: Pick<TrackingPolicy, 'TargetTrackingScalingPolicyConfiguration'>;
  readonly target: Pick<ScalableTarget, 'MinCapacity' | 'MaxCapacity' | 'SuspendedState'>;
  readonly capacity: number;
  /** Of the last minutes that are over; a minute without values is left out. */
  readonly values: readonly MinuteValue[];
  /** When the variant was last made larger, and when last made smaller or larger. */
  readonly lastOut: number;
  readonly lastAny: number;
  readonly now: number;
}

export interface Decision {
  readonly capacity: number;
  /** In words. */
  readonly cause: string;
}

/** The alarms that target tracking makes: 3 minutes above the target, 15 minutes below nine tenths of it (developer guide). */
export const MINUTES_ABOVE = 3;
export const MINUTES_BELOW = 15;
export const LOW_SHARE = 0.9;

/** The service's own cool-downs for SageMaker (API reference). */
const COOLDOWN_S = 300;

const MINUTE_MS = 60_000;

/**
 * What target tracking makes of a variant: within its bounds always; larger at once, in proportion, when the metric has been
 * above the target for three minutes; smaller when it has been well below for fifteen. A minute without values is no low one.
 *
 * @returns undefined where it stays as it is
 */
export function decide(situation: Situation): Decision | undefined {
  const { target, capacity } = situation;
  const { MinCapacity, MaxCapacity } = target;
  if (capacity < MinCapacity) return { capacity: MinCapacity, cause: 'minimum capacity' };
  if (capacity > MaxCapacity) return { capacity: MaxCapacity, cause: 'maximum capacity' };
  return larger(situation) ?? smaller(situation);
}

function larger(situation: Situation): Decision | undefined {
  const { policy, target, capacity, lastOut, now } = situation;
  const { TargetValue, ScaleOutCooldown = COOLDOWN_S } =
    policy.TargetTrackingScalingPolicyConfiguration;
  const values = newest(situation, MINUTES_ABOVE);
  if (values.length < MINUTES_ABOVE || values.some((value) => value <= TargetValue))
    return undefined;
  if (target.SuspendedState.DynamicScalingOutSuspended) return undefined;
  if (now - lastOut < ScaleOutCooldown * 1000) return undefined;
  const wanted = Math.ceil((capacity * (values[0] ?? 0)) / TargetValue);
  const next = Math.min(target.MaxCapacity, wanted);
  if (next <= capacity) return undefined;
  return { capacity: next, cause: `above ${TargetValue} for ${MINUTES_ABOVE} minutes` };
}

function smaller(situation: Situation): Decision | undefined {
  const { policy, target, capacity, lastAny, now } = situation;
  const {
    TargetValue,
    DisableScaleIn = false,
    ScaleInCooldown = COOLDOWN_S,
  } = policy.TargetTrackingScalingPolicyConfiguration;
  const values = newest(situation, MINUTES_BELOW);
  const low = TargetValue * LOW_SHARE;
  if (values.length < MINUTES_BELOW || values.some((value) => value >= low)) return undefined;
  if (DisableScaleIn || target.SuspendedState.DynamicScalingInSuspended) return undefined;
  if (now - lastAny < ScaleInCooldown * 1000) return undefined;
  const wanted = Math.ceil((capacity * Math.max(...values)) / TargetValue);
  const next = Math.max(target.MinCapacity, wanted);
  if (next >= capacity) return undefined;
  return { capacity: next, cause: `below ${low} for ${MINUTES_BELOW} minutes` };
}

/** The values of the last `count` whole minutes, the newest first; fewer where one had none. */
function newest({ values, now }: Situation, count: number): number[] {
  const over = Math.floor(now / MINUTE_MS) * MINUTE_MS;
  return values
    .filter(({ minute }) => minute < over && minute >= over - count * MINUTE_MS)
    .sort((a, b) => b.minute - a.minute)
    .map(({ value }) => value);
}
