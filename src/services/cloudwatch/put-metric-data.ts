import type { CloudWatchContext, CloudWatchOperation } from './context.js';
import type { Distribution } from './distribution.js';
import { invalidCombination, invalidValue, missing } from './errors.js';
import type { Dimension } from './metric-store.js';

interface MetricDatum {
  readonly MetricName: string;
  readonly Dimensions?: readonly Dimension[];
  readonly Timestamp?: Date;
  readonly Value?: number;
  readonly StatisticValues?: {
    readonly SampleCount: number;
    readonly Sum: number;
    readonly Minimum: number;
    readonly Maximum: number;
  };
  readonly Values?: readonly number[];
  readonly Counts?: readonly number[];
  readonly Unit?: string;
}

interface PutMetricDataInput {
  readonly Namespace: string;
  readonly MetricData?: readonly MetricDatum[];
  readonly EntityMetricData?: readonly { readonly MetricData?: readonly MetricDatum[] }[];
}

/** The limits of the API reference: metrics a request, values a metric, and how old or early a value may be. */
const MOST_METRICS = 1000;
const MOST_VALUES = 150;
const OLDEST_MS = 14 * 86_400_000;
const EARLIEST_MS = 2 * 3_600_000;

/** Beyond what a CloudWatch value may be: -2^360 to 2^360. */
const LARGEST = 2 ** 360;

/** PutMetricData. All is checked before any is kept. Gaps: resolutions of less than a minute; entities are not kept. */
export const putMetricData: CloudWatchOperation<PutMetricDataInput> = async (input, context) => {
  const { Namespace, MetricData = [], EntityMetricData = [] } = input;
  if (Namespace.startsWith('AWS/')) {
    throw invalidValue(`The value ${Namespace} for parameter Namespace is invalid.`);
  }
  const data = [...MetricData, ...EntityMetricData.flatMap((one) => one.MetricData ?? [])];
  if (data.length === 0) throw missing('MetricData');
  if (data.length > MOST_METRICS) {
    throw invalidValue(
      `The collection MetricData must not have a size greater than ${MOST_METRICS}.`,
    );
  }
  for (const [index, datum] of data.entries())
    check(datum, `MetricData.member.${index + 1}`, context);
  for (const datum of data) keep(Namespace, datum, context);
  return undefined;
};

function check(datum: MetricDatum, path: string, { now }: CloudWatchContext): void {
  const { Value, Values, Counts, StatisticValues, Timestamp = now } = datum;
  if ([Value, Values, StatisticValues].filter((one) => one !== undefined).length !== 1) {
    throw invalidCombination(
      `The parameters ${path}.Value, ${path}.Values and ${path}.StatisticValues are mutually exclusive, and one of them is required.`,
    );
  }
  const all = [Value ?? [], Values ?? [], Object.values(StatisticValues ?? {})].flat();
  for (const value of all) {
    if (Number.isFinite(value) && Math.abs(value) <= LARGEST) continue;
    throw invalidValue(`The value ${value} for parameter ${path}.Value is invalid.`);
  }
  checkCounts(Values, Counts, path);
  const age = now.getTime() - Timestamp.getTime();
  if (age > OLDEST_MS || age < -EARLIEST_MS) {
    throw invalidValue(
      `The parameter ${path}.Timestamp must specify a time no more than two weeks in the past and no more than two hours in the future.`,
    );
  }
}

function checkCounts(
  values: readonly number[] | undefined,
  counts: readonly number[] | undefined,
  path: string,
): void {
  if (values !== undefined && (values.length === 0 || values.length > MOST_VALUES)) {
    throw invalidValue(`The collection ${path}.Values must have 1 to ${MOST_VALUES} elements.`);
  }
  if (counts === undefined) return;
  if (counts.length !== values?.length) {
    throw invalidValue(`The collections ${path}.Values and ${path}.Counts must be of one size.`);
  }
  if (counts.some((count) => !(count > 0 && Number.isFinite(count)))) {
    throw invalidValue(`The values of ${path}.Counts must be greater than zero.`);
  }
}

function keep(Namespace: string, datum: MetricDatum, { metrics, now }: CloudWatchContext): void {
  const { MetricName, Dimensions = [], Unit = 'None', Timestamp = now } = datum;
  const series = metrics.series({ Namespace, MetricName, Dimensions }, Unit);
  add(series.at(Timestamp.getTime()), datum);
}

function add(values: Distribution, { Value, Values = [], Counts, StatisticValues }: MetricDatum) {
  if (Value !== undefined) values.add(Value);
  for (const [index, value] of Values.entries()) values.add(value, Counts?.[index] ?? 1);
  if (StatisticValues === undefined) return;
  const { SampleCount, Sum, Minimum, Maximum } = StatisticValues;
  values.addSummary({ count: SampleCount, sum: Sum, min: Minimum, max: Maximum });
}
