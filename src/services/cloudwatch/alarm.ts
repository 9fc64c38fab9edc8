import type { Dimension } from './metric-store.js';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** The comparisons of a threshold that stands still; those with a band are anomaly detection's. */
export const COMPARISONS = {
  GreaterThanOrEqualToThreshold: {
    holds: (value: number, threshold: number) => value >= threshold,
    words: 'greater than or equal to',
  },
  GreaterThanThreshold: {
    holds: (value: number, threshold: number) => value > threshold,
    words: 'greater than',
  },
  LessThanThreshold: {
    holds: (value: number, threshold: number) => value < threshold,
    words: 'less than',
  },
  LessThanOrEqualToThreshold: {
    holds: (value: number, threshold: number) => value <= threshold,
    words: 'less than or equal to',
  },
} as const;

export type Comparison = keyof typeof COMPARISONS;

export const MISSING_DATA = ['missing', 'ignore', 'breaching', 'notBreaching'] as const;

/** What an alarm watches, and when it goes off; named as in the service model. */
export interface AlarmRule {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: readonly Dimension[];
  readonly Statistic?: string;
  readonly ExtendedStatistic?: string;
  readonly Unit?: string;
  /** In seconds. */
  readonly Period: number;
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm?: number;
  readonly Threshold: number;
  readonly ComparisonOperator: Comparison;
  readonly TreatMissingData?: (typeof MISSING_DATA)[number];
}

/** What it said when it was last looked at. */
export interface Verdict {
  readonly StateValue: AlarmState;
  readonly StateReason: string;
  /** JSON, with the values that it was said of. */
  readonly StateReasonData?: string;
}

/** A metric alarm as PutMetricAlarm was given it, and its state. */
export interface Alarm extends AlarmRule, Verdict {
  readonly AlarmName: string;
  readonly AlarmArn: string;
  readonly AlarmDescription?: string;
  readonly ActionsEnabled: boolean;
  readonly OKActions: readonly string[];
  readonly AlarmActions: readonly string[];
  readonly InsufficientDataActions: readonly string[];
  readonly EvaluateLowSampleCountPercentile?: string;
  readonly AlarmConfigurationUpdatedTimestamp: Date;
  readonly StateUpdatedTimestamp: Date;
  /** When its state was last another. */
  readonly StateTransitionedTimestamp: Date;
}

/** What an alarm does in the state that it is in. */
export function actionsOf(alarm: Alarm): readonly string[] {
  if (!alarm.ActionsEnabled) return [];
  return {
    OK: alarm.OKActions,
    ALARM: alarm.AlarmActions,
    INSUFFICIENT_DATA: alarm.InsufficientDataActions,
  }[alarm.StateValue];
}

/** The values that an alarm's state was said of, as its `StateReasonData` has them; none where it has none. */
export function datapointsOf({ StateReasonData }: Verdict): number[] {
  try {
    const { recentDatapoints } = JSON.parse(StateReasonData ?? '{}') ?? {};
    return Array.isArray(recentDatapoints)
      ? recentDatapoints.filter((value) => typeof value === 'number')
      : [];
  } catch {
    return [];
  }
}
