import type { CloudWatchOperation } from './context.js';
import { invalidCombination } from './errors.js';
import type { Dimension } from './metric-store.js';
import { periodsOf, type Range, rangeOf, statisticOf } from './statistics.js';

interface GetMetricStatisticsInput {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly Dimension[];
  readonly StartTime: Date;
  readonly EndTime: Date;
  readonly Period: number;
  readonly Statistics?: readonly string[];
  readonly ExtendedStatistics?: readonly string[];
  readonly Unit?: string;
}

/** The most that one answer has (API reference). */
const MOST_DATAPOINTS = 1440;

/** GetMetricStatistics. Gaps: of the extended statistics, percentiles only. */
export const getMetricStatistics: CloudWatchOperation<GetMetricStatisticsInput> = async (
  input,
  { metrics },
) => {
  const { Namespace, MetricName, Dimensions = [], Statistics = [] } = input;
  const extended = input.ExtendedStatistics ?? [];
  if (Statistics.length + extended.length === 0) {
    throw invalidCombination(
      'At least one of the parameters Statistics and ExtendedStatistics must be specified.',
    );
  }
  const range = rangeOf(input.StartTime, input.EndTime, input.Period);
  refuseTooMany(range);
  const statistics = [...Statistics, ...extended].map((name) => [name, statisticOf(name)] as const);
  const series = metrics.find({ Namespace, MetricName, Dimensions }, input.Unit);
  const Datapoints = series.flatMap((one) =>
    periodsOf([one], range).map(([time, values]) => {
      const all = statistics.map(([name, statistic]) => [name, statistic(values)] as const);
      return {
        Timestamp: new Date(time),
        ...Object.fromEntries(all.filter(([name]) => Statistics.includes(name))),
        Unit: one.unit,
        ExtendedStatistics:
          extended.length === 0
            ? undefined
            : Object.fromEntries(all.filter(([name]) => extended.includes(name))),
      };
    }),
  );
  return { Label: MetricName, Datapoints };
};

/** In the service's own words. */
function refuseTooMany({ start, end, periodMs }: Range): void {
  const count = Math.ceil((end - start) / periodMs);
  if (count <= MOST_DATAPOINTS) return;
  throw invalidCombination(
    `You have requested up to ${count.toLocaleString('en-US')} datapoints, which exceeds the limit of 1,440. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
  );
}
