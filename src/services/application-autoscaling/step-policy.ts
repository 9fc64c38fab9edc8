import { invalid } from './resource.js';

/** By how much to scale while the metric is so far beyond the alarm's threshold; named as in the service model. */
export interface StepAdjustment {
  readonly MetricIntervalLowerBound?: number;
  readonly MetricIntervalUpperBound?: number;
  readonly ScalingAdjustment: number;
}

export interface StepScaling {
  readonly AdjustmentType: 'ChangeInCapacity' | 'PercentChangeInCapacity' | 'ExactCapacity';
  readonly StepAdjustments: readonly StepAdjustment[];
  readonly MinAdjustmentMagnitude?: number;
  readonly Cooldown?: number;
  readonly MetricAggregationType?: 'Average' | 'Minimum' | 'Maximum';
}

/** Seen of the service (aws-cdk#27020). */
const MOST_STEPS = 20;

/**
 * A step policy's configuration, held to the rules of the API reference: its steps neither overlap nor leave gaps, and go on
 * without end wherever they go.
 * @throws ServiceError `ValidationException`
 */
export function checkedSteps(given: Partial<StepScaling> | undefined): StepScaling {
  if (given === undefined) {
    throw invalid('StepScalingPolicyConfiguration is required for StepScaling.');
  }
  const { AdjustmentType, StepAdjustments = [], MinAdjustmentMagnitude, Cooldown = 0 } = given;
  if (AdjustmentType === undefined) throw invalid('AdjustmentType is required for StepScaling.');
  if (StepAdjustments.length === 0) {
    throw invalid('At least one StepAdjustment is required for StepScaling.');
  }
  if (StepAdjustments.length > MOST_STEPS) {
    throw invalid(`There can be at most ${MOST_STEPS} step adjustments per scaling policy`);
  }
  if (MinAdjustmentMagnitude !== undefined && AdjustmentType !== 'PercentChangeInCapacity') {
    throw invalid(
      'MinAdjustmentMagnitude is only for the adjustment type PercentChangeInCapacity.',
    );
  }
  if ((MinAdjustmentMagnitude ?? 1) < 1) throw invalid('MinAdjustmentMagnitude must be positive.');
  if (Cooldown < 0) throw invalid('Cooldown must not be negative.');
  if (AdjustmentType === 'ExactCapacity' && StepAdjustments.some(isNegative)) {
    throw invalid('The ScalingAdjustment of ExactCapacity must not be negative.');
  }
  checkIntervals(StepAdjustments);
  return { ...given, AdjustmentType, StepAdjustments };
}

function isNegative({ ScalingAdjustment }: StepAdjustment): boolean {
  return ScalingAdjustment < 0;
}

/** Where a text is the service's own, it has been seen: terraform-provider-aws#4812 and #9077. */
function checkIntervals(steps: readonly StepAdjustment[]): void {
  const intervals = steps
    .map(({ MetricIntervalLowerBound: lower, MetricIntervalUpperBound: upper }) => {
      if (lower === undefined && upper === undefined) {
        throw invalid(
          'Both lower and upper bounds of a step adjustment cannot be left unspecified',
        );
      }
      return { lower: lower ?? -Infinity, upper: upper ?? Infinity };
    })
    .sort((a, b) => a.lower - b.lower || a.upper - b.upper);
  if (intervals.some(({ lower, upper }) => lower >= upper)) {
    throw invalid('The lower bound of a StepAdjustment must be less than its upper bound');
  }
  for (const [index, { lower }] of intervals.entries()) {
    const before = intervals[index - 1];
    if (before === undefined) continue;
    if (lower < before.upper) throw invalid('StepAdjustment intervals must not overlap');
    if (lower > before.upper) throw invalid('StepAdjustment intervals must not leave a gap');
  }
  const least = intervals[0]?.lower ?? 0;
  const most = intervals.at(-1)?.upper ?? 0;
  if (least < 0 && least !== -Infinity) throw openEnded('lower', 'negative');
  if (most > 0 && most !== Infinity) throw openEnded('upper', 'positive');
}

function openEnded(which: 'lower' | 'upper', sign: 'negative' | 'positive') {
  return invalid(
    `There must be a StepAdjustment with an unspecified ${which} bound (i.e., ${which} bound is null) when one StepAdjustment has a ${sign} ${which} bound`,
  );
}
