import { createHash } from 'node:crypto';
import type { Caller } from '../../hosting/arn.js';
import type { Alarm, AlarmRule } from '../cloudwatch/alarm.js';
import type { Alarms } from '../cloudwatch/alarms.js';
import { newAlarm } from '../cloudwatch/put-metric-alarm.js';
import type { TrackingPolicy } from './context.js';
import { LOW_SHARE, MINUTES_ABOVE, MINUTES_BELOW } from './decide.js';
import { trackedMetric } from './tracked-metric.js';

/** The alarms that act on a policy, as the service shows them with it. */
export function alarmsOf(alarms: Alarms, { PolicyARN }: { readonly PolicyARN: string }) {
  return alarms
    .actingOn(PolicyARN)
    .map(({ AlarmName, AlarmArn: AlarmARN }) => ({ AlarmName, AlarmARN }));
}

/**
 * Makes the two alarms that target tracking has on AWS. Here they only show how things stand: `Scaler` looks at the metric itself,
 * and goes on where they are deleted.
 */
export async function makeTrackingAlarms(
  alarms: Alarms,
  policy: TrackingPolicy,
  caller: Caller,
  now: Date,
): Promise<void> {
  for (const alarm of trackingAlarms(policy, caller, now)) {
    await alarms.put({ ...alarm, ...stateOf(alarms.get(alarm.AlarmName)) });
  }
}

/** Takes away the alarms that {@link makeTrackingAlarms} has made. */
export async function deleteTrackingAlarms(
  alarms: Alarms,
  policy: Pick<TrackingPolicy, 'PolicyARN' | 'ResourceId'>,
): Promise<void> {
  for (const side of ['High', 'Low'] as const) await alarms.delete(nameOf(policy, side));
}

function trackingAlarms(policy: TrackingPolicy, caller: Caller, now: Date): Alarm[] {
  const { TargetValue, DisableScaleIn = false } = policy.TargetTrackingScalingPolicyConfiguration;
  const high = {
    ...{ Threshold: TargetValue, EvaluationPeriods: MINUTES_ABOVE },
    ComparisonOperator: 'GreaterThanThreshold' as const,
  };
  const low = {
    ...{ Threshold: TargetValue * LOW_SHARE, EvaluationPeriods: MINUTES_BELOW },
    ComparisonOperator: 'LessThanThreshold' as const,
  };
  const make = (side: 'High' | 'Low', rule: typeof high | typeof low): Alarm => {
    const { metric, statistic: Statistic, unit: Unit } = trackedMetric(policy);
    const whole: AlarmRule = { ...metric, ...rule, Statistic, Unit, Period: 60 };
    return {
      ...newAlarm(nameOf(policy, side), caller, now),
      ...whole,
      // The service's own words.
      AlarmDescription: `DO NOT EDIT OR DELETE. For TargetTrackingScaling policy ${policy.PolicyARN}.`,
      ...{ ActionsEnabled: true, AlarmActions: [policy.PolicyARN] },
      ...{ OKActions: [], InsufficientDataActions: [] },
    };
  };
  return DisableScaleIn ? [make('High', high)] : [make('High', high), make('Low', low)];
}

function stateOf(known: Alarm | undefined): Partial<Alarm> {
  if (known === undefined) return {};
  const { StateValue, StateReason, StateReasonData } = known;
  const { StateUpdatedTimestamp, StateTransitionedTimestamp } = known;
  return {
    ...{ StateValue, StateReason, StateReasonData },
    ...{ StateUpdatedTimestamp, StateTransitionedTimestamp },
  };
}

/** As the service names them; the same for one policy always. */
function nameOf(
  { PolicyARN, ResourceId }: Pick<TrackingPolicy, 'PolicyARN' | 'ResourceId'>,
  side: 'High' | 'Low',
): string {
  const digest = createHash('sha256').update(`${PolicyARN} ${side}`).digest('hex');
  const uuid = digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
  return `TargetTracking-${ResourceId}-Alarm${side}-${uuid}`;
}
