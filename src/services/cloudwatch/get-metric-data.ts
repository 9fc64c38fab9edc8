import type { CloudWatchContext, CloudWatchOperation } from './context.js';
import { invalidValue, validationError } from './errors.js';
import type { Metric } from './metric-store.js';
import { periodsOf, rangeOf, statisticOf } from './statistics.js';

interface MetricDataQuery {
  readonly Id: string;
  readonly Label?: string;
  readonly ReturnData?: boolean;
  readonly Expression?: string;
  readonly MetricStat?: {
    readonly Metric: Partial<Metric>;
    readonly Period: number;
    readonly Stat: string;
    readonly Unit?: string;
  };
}

interface GetMetricDataInput {
  readonly MetricDataQueries: readonly MetricDataQuery[];
  readonly StartTime: Date;
  readonly EndTime: Date;
  readonly ScanBy?: 'TimestampDescending' | 'TimestampAscending';
  readonly MaxDatapoints?: number;
  readonly NextToken?: string;
}

/** The most queries of a request and datapoints of an answer (API reference). */
const MOST_QUERIES = 500;
const MOST_DATAPOINTS = 100_800;

/** GetMetricData. Gaps: expressions are refused by name; labels are taken as they are; of the statistics, percentiles and the simple ones. */
export const getMetricData: CloudWatchOperation<GetMetricDataInput> = async (input, context) => {
  const { MetricDataQueries: queries } = input;
  if (queries.length > MOST_QUERIES) {
    throw validationError(
      `The collection MetricDataQueries must not have more than ${MOST_QUERIES} elements.`,
    );
  }
  refuseRepeated(queries);
  const found = queries
    .map((query) => ({ query, points: pointsOf(query, input, context) }))
    .filter(({ query }) => query.ReturnData !== false);
  const limit = Math.min(input.MaxDatapoints ?? MOST_DATAPOINTS, MOST_DATAPOINTS);
  const from = input.NextToken === undefined ? 0 : offsetIn(input.NextToken);
  let skip = from;
  let room = limit;
  const MetricDataResults = found.map(({ query, points }) => {
    const page = points.slice(skip, skip + room);
    const left = points.length > skip + page.length;
    skip = Math.max(0, skip - points.length);
    room -= page.length;
    return {
      Id: query.Id,
      Label: query.Label ?? query.MetricStat?.Metric.MetricName,
      Timestamps: page.map(([time]) => new Date(time)),
      Values: page.map(([, value]) => value),
      StatusCode: left ? 'PartialData' : 'Complete',
    };
  });
  const total = found.reduce((sum, { points }) => sum + points.length, 0);
  const NextToken = total > from + limit ? tokenOf(from + limit) : undefined;
  return { MetricDataResults, NextToken, Messages: [] };
};

function pointsOf(
  { Id, MetricStat, Expression }: MetricDataQuery,
  { StartTime, EndTime, ScanBy }: GetMetricDataInput,
  { metrics }: CloudWatchContext,
): [number, number][] {
  if (Expression !== undefined || MetricStat === undefined) {
    throw validationError(
      Expression === undefined
        ? `Either MetricStat or Expression must be specified for the query ${Id}.`
        : `smlocal does not serve metric math: the query ${Id} has the expression ${Expression}.`,
    );
  }
  const { Metric, Period, Stat, Unit } = MetricStat;
  const { Namespace = '', MetricName = '', Dimensions = [] } = Metric;
  const statistic = statisticOf(Stat);
  const series = metrics.find({ Namespace, MetricName, Dimensions }, Unit);
  const points = periodsOf(series, rangeOf(StartTime, EndTime, Period)).flatMap(
    ([time, values]): [number, number][] => {
      const value = statistic(values);
      return value === undefined ? [] : [[time, value]];
    },
  );
  return ScanBy === 'TimestampAscending' ? points : points.reverse();
}

function refuseRepeated(queries: readonly MetricDataQuery[]): void {
  const ids = new Set<string>();
  for (const { Id } of queries) {
    if (!/^[a-z]\w*$/.test(Id)) {
      throw validationError(
        `The value ${Id} for parameter MetricDataQueries.member.Id is invalid: it begins with a lower-case letter.`,
      );
    }
    if (ids.has(Id)) throw validationError(`The id ${Id} is used by more than one query.`);
    ids.add(Id);
  }
}

/** How many datapoints came before, over all queries. */
function tokenOf(offset: number): string {
  return Buffer.from(`points:${offset}`).toString('base64url');
}

function offsetIn(token: string): number {
  const [, offset] = /^points:(\d{1,12})$/.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  if (offset === undefined) throw invalidValue('The value for parameter NextToken is invalid.');
  return Number(offset);
}
