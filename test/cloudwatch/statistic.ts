import { type CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';

/**
 * A statistic of one metric of an endpoint's variant `AllTraffic` over the last hour, as CloudWatch has it; undefined where
 * it has no value.
 */
export async function statistic(
  client: CloudWatchClient,
  Namespace: string,
  MetricName: string,
  Stat: string,
  dimensions: { readonly EndpointName: string; readonly [name: string]: string },
): Promise<number | undefined> {
  const all = Object.entries({ VariantName: 'AllTraffic', ...dimensions });
  const Dimensions = all.map(([Name, Value]) => ({ Name, Value }));
  const Metric = { Namespace, MetricName, Dimensions };
  const answer = await client.send(
    new GetMetricDataCommand({
      MetricDataQueries: [{ Id: 'm', MetricStat: { Metric, Period: 86_400, Stat } }],
      ...{ StartTime: new Date(Date.now() - 3_600_000), EndTime: new Date(Date.now() + 60_000) },
    }),
  );
  return answer.MetricDataResults?.[0]?.Values?.[0];
}
