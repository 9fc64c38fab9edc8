import { mkdtempSync, rmSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  CloudWatchClient,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { InvokeEndpointCommand } from '@aws-sdk/client-sagemaker-runtime';
import { AwsQueryProtocol } from '@aws-sdk/core/protocols';
import { SmithyRpcV2CborProtocol } from '@smithy/core/cbor';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { awsEnvironment, pythonClients } from '../support/python-clients.js';
import { run, succeed } from '../support/run.js';
import { useServed } from '../support/served.js';
import { CREDENTIALS, REGION } from '../support/test-daemon.js';

/** A container that answers with the status that it is asked for. */
const answer: RequestListener = (request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    response.writeHead(Number(body), { 'content-type': 'text/plain' }).end('answer');
  });
};
const served = useServed({ answer });
const home = mkdtempSync(join(tmpdir(), 'smlocal-cloudwatch-'));
let clients = '';

/** Four good answers, two that blame the client and one that blames the model. */
beforeAll(async () => {
  clients = await pythonClients();
  for (const Body of ['200', '200', '200', '200', '400', '404', '500']) {
    const call = new InvokeEndpointCommand({ EndpointName: 'e', Body });
    await served.runtime.send(call).catch(() => undefined);
  }
}, 300_000);
afterAll(() => rmSync(home, { recursive: true }));

test('boto3 finds what was invoked, as numbers and latencies, and puts metrics of its own', async () => {
  const script = fileURLToPath(new URL('clients.py', import.meta.url));
  const env = awsEnvironment(served.url, home);
  const saw = JSON.parse(await succeed(join(clients, 'bin', 'python'), [script, 'e'], { env }));
  const { data } = saw;
  expect(data).toMatchObject({
    'Invocations Sum': 7,
    'Invocation4XXErrors Sum': 2,
    'InvocationsPerInstance Sum': 7,
    'ModelLatency SampleCount': 7,
  });
  expect(data['Invocation5XXErrors Average']).toBeCloseTo(1 / 7);
  expect(data['ModelLatency p99']).toBeGreaterThan(0);
  expect(data['OverheadLatency Minimum']).toBeGreaterThanOrEqual(0);
  expect(saw).toMatchObject({
    ...{ label: 'ModelLatency', units: ['Microseconds'], extended: true },
    metrics: [
      ...['Invocation4XXErrors', 'Invocation5XXErrors', 'InvocationModelErrors', 'Invocations'],
      ...['InvocationsPerInstance', 'ModelLatency', 'OverheadLatency'],
    ],
    Counted: [8, 4],
    Summed: [10, 4],
    refused: [
      ['InvalidParameterValue', 400],
      ['InvalidParameterValue', 400],
      ['InvalidParameterCombination', 400],
      ['InvalidParameterValue', 400],
      ['ValidationError', 400],
      ['InvalidParameterCombination', 400],
      ['InvalidParameterCombination', 400],
      ['ValidationError', 400],
      ['InvalidParameterValue', 400],
      ['UnsupportedOperation', 400],
      ['ValidationError', 400],
    ],
  });
  expect(saw.loss.slice(0, 2)).toEqual([44_850, 299]);
  expect(Math.abs(saw.loss[2] - 149)).toBeLessThan(3);
}, 60_000);

test('The aws command line gets metric data, and is told of an operation that is not served', async () => {
  const env = awsEnvironment(served.url, home);
  const aws = join(clients, 'bin', 'aws');
  const dimensions = ['Name=EndpointName,Value=e', 'Name=VariantName,Value=AllTraffic'];
  const words = [
    ...['cloudwatch', 'get-metric-statistics', '--namespace', 'AWS/SageMaker'],
    ...['--metric-name', 'Invocations', '--period', '3600', '--statistics', 'Sum'],
    ...['--dimensions', ...dimensions, '--query', 'sum(Datapoints[].Sum)'],
    ...['--start-time', new Date(Date.now() - 1_800_000).toISOString()],
    ...['--end-time', new Date(Date.now() + 60_000).toISOString()],
  ];
  expect(JSON.parse(await succeed(aws, words, { env }))).toBe(7);
  expect(await run(aws, ['cloudwatch', 'describe-insight-rules'], { env })).toMatchObject({
    stderr: expect.stringContaining('does not serve the CloudWatch operation DescribeInsightRules'),
  });
  expect(served.unserved.counts()).toMatchObject({ 'cloudwatch:DescribeInsightRules': 2 });
}, 60_000);

/** The protocols that CloudWatch has: other SDKs, and older ones, speak another than this one does by itself. */
const PROTOCOLS = [
  ['AWS JSON', {}],
  ['RPC v2 CBOR', { protocol: SmithyRpcV2CborProtocol }],
  ['the query protocol', { protocol: AwsQueryProtocol }],
] as const;

test.each(PROTOCOLS)(
  'The JavaScript SDK reads the same in %s, and an error’s own name',
  async (name, protocol) => {
    const client = new CloudWatchClient({
      ...{ endpoint: served.url, region: REGION, credentials: CREDENTIALS, maxAttempts: 1 },
      ...(protocol as object),
    });
    const times = {
      StartTime: new Date(Date.now() - 1_800_000),
      EndTime: new Date(Date.now() + 1),
    };
    const { Metrics = [] } = await client.send(
      new ListMetricsCommand({ MetricName: 'Invocations', RecentlyActive: 'PT3H' }),
    );
    const [Metric] = Metrics;
    expect(Metric?.Dimensions).toEqual([
      { Name: 'EndpointName', Value: 'e' },
      { Name: 'VariantName', Value: 'AllTraffic' },
    ]);
    const { MetricDataResults } = await client.send(
      new GetMetricDataCommand({
        MetricDataQueries: [{ Id: 'a', MetricStat: { Metric, Period: 60, Stat: 'Sum' } }],
        ScanBy: 'TimestampAscending',
        ...times,
      }),
    );
    const [result] = MetricDataResults ?? [];
    expect(result?.Values?.reduce((a, b) => a + b)).toBe(7);
    expect(result?.Timestamps?.every((time) => time.getTime() % 60_000 === 0)).toBe(true);
    expect(result).toMatchObject({ Id: 'a', Label: 'Invocations', StatusCode: 'Complete' });
    const put = {
      Namespace: name,
      MetricData: [{ MetricName: 'm', Value: 2.5, Timestamp: new Date() }],
    };
    await client.send(new PutMetricDataCommand(put));
    const statistics = { MetricName: 'm', Period: 60, Statistics: ['Sum' as const], ...times };
    const { Datapoints } = await client.send(
      new GetMetricStatisticsCommand({
        ...statistics,
        Namespace: name,
        ExtendedStatistics: ['p50'],
      }),
    );
    expect(Datapoints).toEqual([
      {
        ...{ Sum: 2.5, Unit: 'None', Timestamp: expect.any(Date) },
        ExtendedStatistics: { p50: expect.closeTo(2.5, 1) },
      },
    ]);
    const tooMany = new GetMetricStatisticsCommand({
      ...{ Namespace: 'n', MetricName: 'm', Statistics: ['Sum'], Period: 60 },
      ...{ StartTime: new Date(0), EndTime: new Date(86_460_000) },
    });
    await expect(client.send(tooMany)).rejects.toMatchObject({
      name: expect.stringMatching(/^InvalidParameterCombination/),
      $metadata: { httpStatusCode: 400 },
      message:
        'You have requested up to 1,441 datapoints, which exceeds the limit of 1,440. You may reduce the datapoints requested by increasing Period, or decreasing the time range.',
    });
    client.destroy();
  },
);
