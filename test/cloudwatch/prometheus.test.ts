import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CreateBucketCommand, ListObjectsCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { pythonClients } from '../support/python-clients.js';
import { CREDENTIALS, REGION } from '../support/test-daemon.js';
import { WatchedDaemon, type WatchedEndpoint } from '../support/watched.js';
import { scrape } from './scrape.js';
import { statistic } from './statistic.js';

/** Answers with the status that it is asked for; prints what it is asked to, and dies when it is asked to. */
const SERVER = `
import json, os
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(200)
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        for line in asked.get("print", []):
            print(line, flush=True)
        if asked.get("die"):
            os._exit(3)
        self.answer(asked.get("status", 200))
    def answer(self, status):
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()
    def log_message(self, *_):
        pass

HTTPServer(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
`;

const COMMAND = { image: 'any', command: 'python3 server.py' };
const HOST = '|#hostname:h,timestamp:1';

let watched: WatchedDaemon;
let endpoint: WatchedEndpoint;
let cloudwatch: CloudWatchClient;
let settings: { endpoint: string; region: string; credentials: typeof CREDENTIALS };

beforeAll(async () => {
  await pythonClients();
  watched = await WatchedDaemon.start({}, 'process');
  endpoint = await watched.endpoint('scraped', { 'server.py': SERVER }, COMMAND);
  settings = { endpoint: watched.daemon.url, region: REGION, credentials: CREDENTIALS };
  cloudwatch = new CloudWatchClient({ ...settings, maxAttempts: 1 });
}, 300_000);
afterAll(async () => {
  cloudwatch.destroy();
  await watched.stop();
});

const page = () => scrape(watched.daemon.url);
const VARIANT = { endpoint: 'scraped', variant: 'AllTraffic' };

/** A statistic of one of the endpoint's metrics. */
const seen = (namespace: string, name: string, stat: string, own: Record<string, string> = {}) =>
  statistic(cloudwatch, namespace, name, stat, { EndpointName: 'scraped', ...own });

test('Invocations are on the page by their status, with how long they took', async () => {
  for (const status of [200, 200, 200, 400, 503]) {
    await endpoint.ask({ status }).catch(() => undefined);
  }
  const { types, value } = await page();
  expect(types).toMatchObject({
    smlocal_invocations: 'counter',
    smlocal_model_latency_seconds: 'histogram',
    smlocal_instances: 'gauge',
  });
  const invoked = (status: string) => value('smlocal_invocations_total', { ...VARIANT, status });
  expect([invoked('200'), invoked('400'), invoked('503')]).toEqual([3, 1, 1]);
  for (const name of ['smlocal_model_latency_seconds', 'smlocal_overhead_latency_seconds']) {
    expect(value(`${name}_count`, VARIANT)).toBe(5);
    expect(value(`${name}_bucket`, { ...VARIANT, le: '+Inf' })).toBe(5);
    expect(value(`${name}_sum`, VARIANT)).toBeGreaterThan(0);
  }
  expect(value('smlocal_instances', VARIANT)).toBe(1);
  expect(value('smlocal_invocations_in_flight', VARIANT)).toBe(0);
  expect(value('smlocal_endpoint_status', { endpoint: 'scraped', status: 'InService' })).toBe(1);
  expect(value('process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
  expect(value('process_cpu_seconds_total')).toBeGreaterThan(0);
});

test('What an instance takes of the machine is in CloudWatch and on the page', async () => {
  await vi.waitFor(
    async () => {
      const names = ['CPUUtilization', 'MemoryUtilization', 'DiskUtilization'];
      for (const name of names) {
        const value = await seen('/aws/sagemaker/Endpoints', name, 'Maximum');
        expect(value, name).toBeGreaterThanOrEqual(0);
        expect(value, name).toBeLessThan(100 * 64);
      }
    },
    { timeout: 90_000, interval: 500 },
  );
  const { value } = await page();
  expect(value('smlocal_container_memory_bytes', VARIANT)).toBeGreaterThan(1_000_000);
  expect(value('smlocal_container_cpu_seconds_total', VARIANT)).toBeGreaterThan(0);
}, 120_000);

test('Metrics that a model server prints are read; a handler that prints rubbish makes no more than its share', async () => {
  const rubbish = Array.from({ length: 300 }, (_, i) => `Rubbish.Count:1|#Number:${i}${HOST}`);
  await endpoint.ask({
    print: [
      `x - PredictionTime.ms:4.5|#ModelName:a "b" \\c,Level:Model${HOST}`,
      `x - PredictionTime.ms:1.5|#ModelName:a "b" \\c,Level:Model${HOST}`,
      'nothing of the kind',
      ...rubbish,
    ],
  });
  const ModelName = 'a "b" \\c';
  await vi.waitFor(
    async () => {
      const { value } = await page();
      const left = value('smlocal_model_server_metrics_left_out_total', { endpoint: 'scraped' });
      expect(left).toBe(101);
    },
    { timeout: 30_000, interval: 200 },
  );
  const { value } = await page();
  const labels = { ...VARIANT, metric: 'PredictionTime', unit: 'Milliseconds', ModelName };
  expect(value('smlocal_model_server_metric', labels)).toBe(1.5);
  expect(value('smlocal_model_server_metric_values_sum', labels)).toBe(6);
  expect(value('smlocal_model_server_metric_values_count', labels)).toBe(2);
  const own = { ModelName, Level: 'Model' };
  expect(await seen('smlocal/ModelServer', 'PredictionTime', 'Sum', own)).toBe(6);
});

test('A container that has died and one that was replaced by a reload are counted', async () => {
  const starts = async (name: string) => (await page()).value(`smlocal_container_${name}`, VARIANT);
  expect([await starts('starts_total'), await starts('restarts_total')]).toEqual([1, 0]);
  await endpoint.ask({ die: true }).catch(() => undefined);
  await vi.waitFor(
    async () => {
      expect([await starts('starts_total'), await starts('restarts_total')]).toEqual([2, 1]);
    },
    { timeout: 60_000, interval: 200 },
  );
  const { tier } = await endpoint.reloaded(() =>
    endpoint.replace('server.py', 'json, os', 'os, json'),
  );
  const { value } = await page();
  expect(value('smlocal_reloads_total', { endpoint: 'scraped', tier, result: 'taken' })).toBe(1);
  const took = 'smlocal_reload_duration_seconds_count';
  expect(value(took, { endpoint: 'scraped', tier })).toBe(1);
}, 120_000);

test('A serverless variant has the time that it took to set up its model', async () => {
  const serverless = { memory_size_in_mb: 1024, max_concurrency: 2 };
  await watched.endpoint('setup', { 'server.py': SERVER }, {
    ...COMMAND,
    variants: [{ name: 'AllTraffic', weight: 1, serverless }],
  } as never);
  const setup = (EndpointName: string, stat: string) =>
    seen('AWS/SageMaker', 'ModelSetupTime', stat, { EndpointName });
  expect(await setup('setup', 'SampleCount')).toBe(1);
  expect(await setup('setup', 'Average')).toBeGreaterThan(1_000);
  expect(await setup('scraped', 'SampleCount')).toBeUndefined();
}, 60_000);

test('A bucket named metrics is S3’s to whoever signs, comes by an SDK or asks for more than Prometheus does', async () => {
  const { url } = watched.daemon;
  const s3 = new S3Client({ ...settings, forcePathStyle: true, maxAttempts: 1 });
  const unsigned = new S3Client({
    ...{ ...settings, forcePathStyle: true, maxAttempts: 1 },
    signer: { sign: async (request) => request },
  });
  await s3.send(new CreateBucketCommand({ Bucket: 'metrics' }));
  for (const client of [s3, unsigned]) {
    const listed = await client.send(new ListObjectsCommand({ Bucket: 'metrics' }));
    expect(listed.Name).toBe('metrics');
    client.destroy();
  }
  const status = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${url}${path}`, init);
    return [response.status, (await response.text()).startsWith('# HELP')];
  };
  expect(await status('/metrics', { method: 'HEAD' })).toEqual([200, false]);
  expect(await status('/metrics?list-type=2')).toEqual([200, false]);
  expect(await status('/metrics/nothing')).toEqual([404, false]);
  const basic = { headers: { authorization: 'Basic dXNlcjpwYXNz' } };
  expect(await status('/metrics', basic)).toEqual([200, true]);
});

test('An endpoint that is gone is on the page no more', async () => {
  await watched.daemon.control('DeleteEndpoint', { EndpointName: 'scraped' });
  await vi.waitFor(
    async () => {
      const text = await (await fetch(`${watched.daemon.url}/metrics`)).text();
      expect(text).not.toContain('endpoint="scraped"');
    },
    { timeout: 30_000 },
  );
  // CloudWatch keeps what it has, as on AWS.
  expect(await seen('AWS/SageMaker', 'Invocations', 'Sum')).toBeGreaterThan(4);
});
