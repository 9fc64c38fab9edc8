import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { containerOf, createConfig, createEndpoint, invoke } from '../support/endpoints.js';
import { PYTORCH } from '../support/fixtures.js';
import { pythonClients } from '../support/python-clients.js';
import { CREDENTIALS, REGION, useDaemon } from '../support/test-daemon.js';
import { scrape } from './scrape.js';
import { statistic } from './statistic.js';

const server = useDaemon();
let cloudwatch: CloudWatchClient;

beforeAll(async () => {
  await pythonClients();
  await createConfig(server, 'torch', containerOf(PYTORCH));
  expect(await createEndpoint(server, 'torch', 'torch')).toMatchObject({
    EndpointStatus: 'InService',
  });
  cloudwatch = new CloudWatchClient({
    ...{ endpoint: server.url, region: REGION, credentials: CREDENTIALS, maxAttempts: 1 },
  });
}, 300_000);
afterAll(() => cloudwatch.destroy());

const seen = (namespace: string, name: string, stat: string, own: Record<string, string> = {}) =>
  statistic(cloudwatch, namespace, name, stat, { EndpointName: 'torch', ...own });

test('What TorchServe says of itself and of its model in its log is read, each value once', async () => {
  for (let call = 0; call < 3; call += 1) {
    expect((await invoke(server.runtime, 'torch', PYTORCH.good)).body).toContain('"Sports"');
  }
  const namespace = 'smlocal/ModelServer';
  const model = { ModelName: 'model', Level: 'Model' };
  await vi.waitFor(
    async () => {
      expect(await seen(namespace, 'PredictionTime', 'SampleCount', model)).toBe(3);
      expect(await seen(namespace, 'CPUUtilization', 'Maximum', { Level: 'Host' })).toBeDefined();
    },
    { timeout: 60_000, interval: 250 },
  );
  const { value } = await scrape(server.url);
  const labels = { endpoint: 'torch', metric: 'PredictionTime', unit: 'Milliseconds' };
  expect(value('smlocal_model_server_metric_values_count', labels)).toBe(3);
  expect(value('smlocal_model_server_metric', labels)).toBeGreaterThan(0);
});

test('What a container takes of its machine is in CloudWatch', async () => {
  const namespace = '/aws/sagemaker/Endpoints';
  await vi.waitFor(
    async () => {
      expect(await seen(namespace, 'CPUUtilization', 'Maximum')).toBeGreaterThanOrEqual(0);
      expect(await seen(namespace, 'MemoryUtilization', 'Maximum')).toBeGreaterThan(0);
      expect(await seen(namespace, 'MemoryUtilization', 'Maximum')).toBeLessThan(100);
      expect(await seen(namespace, 'DiskUtilization', 'Maximum')).toBeGreaterThan(0);
    },
    { timeout: 90_000, interval: 500 },
  );
}, 120_000);
