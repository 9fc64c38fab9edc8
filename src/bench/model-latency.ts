import type { MetricPoint, MetricQuery, Metrics, MetricWindow } from '../aws/metrics.js';

/** A latency that the service has measured itself, in milliseconds. */
export interface MeasuredThere {
  readonly average: number;
  readonly p50: number | undefined;
  readonly p90: number | undefined;
  readonly p99: number | undefined;
}

/** What CloudWatch says of a variant in the minutes of a run. */
export interface VariantMetrics {
  readonly variantName: string;
  /** All that came in those minutes, whoever sent it. */
  readonly invocations: number;
  /** What the container took. */
  readonly modelLatencyMs: MeasuredThere | undefined;
  /** What the service took beside it. */
  readonly overheadLatencyMs: MeasuredThere | undefined;
}

const LATENCIES = ['ModelLatency', 'OverheadLatency'] as const;
const STATISTICS = ['SampleCount', 'Average', 'p50', 'p90', 'p99'] as const;

/** The metrics are in microseconds (developer guide, "endpoint invocation metrics"). */
const MICROSECONDS = 1000;

/** The minutes that a run touched, from the one in which it began. */
export function windowOf(startedAt: Date, endedAt: Date): MetricWindow {
  const start = Math.floor(startedAt.getTime() / 60_000) * 60_000;
  const end = Math.floor(endedAt.getTime() / 60_000 + 1) * 60_000;
  return { start: new Date(start), end: new Date(end) };
}

/** Asks for what the service measured itself of each variant. @throws ServiceError, SmlocalError */
export async function readVariantMetrics(
  metrics: Metrics,
  endpointName: string,
  variantNames: readonly string[],
  window: MetricWindow,
  signal: AbortSignal,
): Promise<VariantMetrics[]> {
  const all: VariantMetrics[] = [];
  for (const variantName of variantNames) {
    const dimensions = { EndpointName: endpointName, VariantName: variantName };
    const query = (metric: string, statistic: string): MetricQuery => ({
      ...{ namespace: 'AWS/SageMaker', metric, dimensions, statistic },
    });
    const queries = [
      query('Invocations', 'Sum'),
      ...LATENCIES.flatMap((metric) => STATISTICS.map((statistic) => query(metric, statistic))),
    ];
    const [invocations = [], ...latencies] = await metrics.read(queries, window, signal);
    all.push({
      variantName,
      invocations: invocations.reduce((sum, { value }) => sum + value, 0),
      modelLatencyMs: merged(latencies.slice(0, STATISTICS.length)),
      overheadLatencyMs: merged(latencies.slice(STATISTICS.length)),
    });
  }
  return all;
}

/**
 * One value of each statistic, where the service has answered by several periods: weighed by how many values each had, which is right
 * for the average and near enough for a percentile.
 * @param points of SampleCount, Average, p50, p90 and p99
 */
function merged(points: readonly (readonly MetricPoint[])[]): MeasuredThere | undefined {
  const [counts = [], ...statistics] = points;
  const weights = new Map(counts.map(({ time, value }) => [time, value]));
  const [average, p50, p90, p99] = statistics.map((found) => weighed(found, weights));
  return average === undefined ? undefined : { average, p50, p90, p99 };
}

function weighed(
  points: readonly MetricPoint[],
  weights: ReadonlyMap<number, number>,
): number | undefined {
  let sum = 0;
  let weight = 0;
  for (const { time, value } of points) {
    const count = weights.get(time) ?? 0;
    sum += value * count;
    weight += count;
  }
  return weight === 0 ? undefined : sum / weight / MICROSECONDS;
}
