import type { CloudWatchOperation } from './context.js';
import { invalidValue } from './errors.js';
import { type Metric, MINUTE_MS } from './metric-store.js';

interface ListMetricsInput {
  readonly Namespace?: string;
  readonly MetricName?: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value?: string }[];
  readonly RecentlyActive?: 'PT3H';
  readonly NextToken?: string;
}

/** As many as the service gives at once (API reference). */
const PAGE = 500;

const RECENT_MS = 3 * 3_600_000;

/** ListMetrics. Gaps: other accounts' metrics. A metric is there at once, where the service takes minutes. */
export const listMetrics: CloudWatchOperation<ListMetricsInput> = async (input, context) => {
  const from = input.NextToken === undefined ? 0 : offsetIn(input.NextToken);
  const since = input.RecentlyActive === undefined ? 0 : context.now.getTime() - RECENT_MS;
  const found = context.metrics
    .metrics()
    .filter(
      ({ metric, newestMinute }) => newestMinute * MINUTE_MS >= since && isWanted(metric, input),
    )
    .map(({ metric }) => metric);
  const page = found.slice(from, from + PAGE);
  const more = found.length > from + page.length;
  return {
    Metrics: page,
    NextToken: more
      ? Buffer.from(`metrics:${from + page.length}`).toString('base64url')
      : undefined,
  };
};

/** Of the dimensions, those that are named must be there; a metric may have more. */
function isWanted(metric: Metric, { Namespace, MetricName, Dimensions = [] }: ListMetricsInput) {
  return (
    (Namespace === undefined || metric.Namespace === Namespace) &&
    (MetricName === undefined || metric.MetricName === MetricName) &&
    Dimensions.every(({ Name, Value }) =>
      metric.Dimensions.some(
        (dimension) =>
          dimension.Name === Name && (Value === undefined || dimension.Value === Value),
      ),
    )
  );
}

function offsetIn(token: string): number {
  const [, offset] = /^metrics:(\d{1,9})$/.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  if (offset === undefined) throw invalidValue('The value for parameter NextToken is invalid.');
  return Number(offset);
}
