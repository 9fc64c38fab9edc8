import { type Caller, partitionOf } from '../../hosting/arn.js';
import { type Alarm, type AlarmRule, COMPARISONS, type Comparison, MISSING_DATA } from './alarm.js';
import type { CloudWatchOperation } from './context.js';
import { invalidCombination, invalidValue, missing, validationError } from './errors.js';
import { statisticOf } from './statistics.js';

type PutInput = Partial<AlarmRule> &
  Partial<
    Pick<Alarm, 'ActionsEnabled' | 'OKActions' | 'AlarmActions' | 'InsufficientDataActions'>
  > & {
    readonly AlarmName: string;
    readonly AlarmDescription?: string;
    readonly EvaluateLowSampleCountPercentile?: string;
    readonly Metrics?: readonly unknown[];
    readonly ThresholdMetricId?: string;
    readonly EvaluationCriteria?: unknown;
  };

/** How long all of an alarm's periods together may last: a day, a week where each is an hour or more (API reference). */
const DAY_S = 86_400;
const WEEK_S = 604_800;
const HOUR_S = 3_600;

/**
 * PutMetricAlarm, for a metric and a threshold; also changes one that is there, whose state stays.
 * Gaps: metric math, anomaly detection and queries are refused by name, and so are periods below a minute, by which metrics
 * are kept here; tags are not kept; of the actions only scaling policies do something.
 */
export const putMetricAlarm: CloudWatchOperation<PutInput> = async (input, context) => {
  const { alarms, caller, now } = context;
  const rule = ruleOf(input);
  const { AlarmName, AlarmDescription, EvaluateLowSampleCountPercentile } = input;
  const { OKActions = [], AlarmActions = [], InsufficientDataActions = [] } = input;
  for (const arn of [...OKActions, ...AlarmActions, ...InsufficientDataActions]) checkArn(arn);
  await alarms.put({
    ...newAlarm(AlarmName, caller, now),
    ...alarms.get(AlarmName),
    ...rule,
    ...{ AlarmDescription, EvaluateLowSampleCountPercentile },
    ...{ OKActions, AlarmActions, InsufficientDataActions },
    ActionsEnabled: input.ActionsEnabled ?? true,
    AlarmConfigurationUpdatedTimestamp: now,
  });
  return undefined;
};

/** What an alarm has of itself that nobody gives it. */
export function newAlarm(AlarmName: string, { region, accountId }: Caller, now: Date) {
  return {
    AlarmName,
    AlarmArn: `arn:${partitionOf(region)}:cloudwatch:${region}:${accountId}:alarm:${AlarmName}`,
    StateValue: 'INSUFFICIENT_DATA' as const,
    StateReason: 'Unchecked: Initial alarm creation',
    AlarmConfigurationUpdatedTimestamp: now,
    StateUpdatedTimestamp: now,
    StateTransitionedTimestamp: now,
  };
}

function ruleOf(input: PutInput): AlarmRule {
  refuseOtherKinds(input);
  const { Namespace, MetricName, Dimensions = [], Unit, Threshold, Period } = input;
  const { Statistic, ExtendedStatistic, EvaluationPeriods, DatapointsToAlarm } = input;
  if (MetricName === undefined) throw missing('MetricName');
  if (Namespace === undefined) throw missing('Namespace');
  if ((Statistic === undefined) === (ExtendedStatistic === undefined)) {
    throw invalidCombination('Exactly one of Statistic and ExtendedStatistic must be specified.');
  }
  statisticOf(Statistic ?? ExtendedStatistic ?? '');
  if (Threshold === undefined) throw missing('Threshold');
  if (EvaluationPeriods === undefined) throw missing('EvaluationPeriods');
  if (Period === undefined) throw missing('Period');
  checkPeriods(Period, EvaluationPeriods, DatapointsToAlarm);
  return {
    ...{ Namespace, MetricName, Dimensions, Unit, Statistic, ExtendedStatistic },
    ...{ Period, EvaluationPeriods, DatapointsToAlarm, Threshold },
    ComparisonOperator: comparisonOf(input.ComparisonOperator),
    TreatMissingData: treatmentOf(input.TreatMissingData),
  };
}

function refuseOtherKinds({ Metrics, ThresholdMetricId, EvaluationCriteria }: PutInput): void {
  const given = Object.entries({ Metrics, ThresholdMetricId, EvaluationCriteria }).find(
    ([, value]) => value !== undefined,
  );
  if (given !== undefined) {
    throw validationError(
      `smlocal has alarms on one metric and a threshold: ${given[0]} is not served.`,
    );
  }
}

function checkPeriods(period: number, periods: number, toAlarm: number | undefined): void {
  if (period % 60 !== 0) {
    throw invalidValue(
      `The parameter Period must be a multiple of 60, for smlocal keeps metrics by the minute: ${period}.`,
    );
  }
  const most = period < HOUR_S ? DAY_S : WEEK_S;
  if (period * periods > most) {
    throw validationError(
      `Metrics cannot be checked across more than ${most} seconds (EvaluationPeriods * Period must be <= ${most}).`,
    );
  }
  if (toAlarm !== undefined && toAlarm > periods) {
    throw validationError('DatapointsToAlarm must be less than or equal to EvaluationPeriods.');
  }
}

function comparisonOf(operator: string | undefined): Comparison {
  if (operator === undefined) throw missing('ComparisonOperator');
  if (Object.hasOwn(COMPARISONS, operator)) return operator as Comparison;
  throw validationError(`smlocal does not detect anomalies: ${operator} is not served.`);
}

function treatmentOf(treatment: string | undefined): AlarmRule['TreatMissingData'] {
  const known = MISSING_DATA.find((one) => one === treatment);
  if (treatment === undefined || known !== undefined) return known;
  throw invalidValue(
    `The value ${treatment} for parameter TreatMissingData is invalid: it must be one of ${MISSING_DATA.join(', ')}.`,
  );
}

function checkArn(arn: string): void {
  if (/^arn:[\w-]+:[\w-]+:[\w-]*:[^:]*:.+$/.test(arn)) return;
  throw validationError(`Invalid arn syntax: ${arn}`);
}
