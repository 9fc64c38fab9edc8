import { aws } from './call.js';
import { guard } from './endpoint-guard.js';
import type { AwsSettings } from './settings.js';

/** One statistic of a metric. */
export interface MetricQuery {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** `Average`, `SampleCount`, `p99` … */
  readonly statistic: string;
}

/** Its value in the period that begins at a time (milliseconds since the epoch). */
export interface MetricPoint {
  readonly time: number;
  readonly value: number;
}

/** A time in whole minutes, by which CloudWatch keeps these metrics. */
export interface MetricWindow {
  readonly start: Date;
  readonly end: Date;
}

/** CloudWatch's metrics, over its SDK. */
export interface Metrics {
  /** @returns the points of each query, in the queries' order. @throws ServiceError, SmlocalError */
  read(
    queries: readonly MetricQuery[],
    window: MetricWindow,
    signal: AbortSignal,
  ): Promise<MetricPoint[][]>;
  dispose(): void;
}

/** The SDK is loaded with the first. */
export async function openMetrics(settings: AwsSettings): Promise<Metrics> {
  const { CloudWatchClient, GetMetricDataCommand } = await import('@aws-sdk/client-cloudwatch');
  const client = new CloudWatchClient(settings);
  guard(client, settings);
  const read: Metrics['read'] = async (queries, { start, end }, signal) => {
    const Period = Math.max(60, Math.ceil((end.getTime() - start.getTime()) / 60_000) * 60);
    const found = queries.map((): MetricPoint[] => []);
    let NextToken: string | undefined;
    do {
      const input = {
        ...{ StartTime: start, EndTime: end, NextToken },
        MetricDataQueries: queries.map(({ namespace, metric, dimensions, statistic }, index) => ({
          Id: `q${index}`,
          MetricStat: {
            Metric: {
              Namespace: namespace,
              MetricName: metric,
              Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
            },
            Period,
            Stat: statistic,
          },
        })),
      };
      const page = await aws('cloudwatch:GetMetricData', () =>
        client.send(new GetMetricDataCommand(input), { abortSignal: signal }),
      );
      for (const { Id = '', Timestamps = [], Values = [] } of page.MetricDataResults ?? []) {
        for (const [index, time] of Timestamps.entries()) {
          found[Number(Id.slice(1))]?.push({ time: time.getTime(), value: Values[index] ?? 0 });
        }
      }
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return found;
  };
  return { read, dispose: () => client.destroy() };
}
