import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateEndpointConfigCommand,
  type DataCaptureConfig,
  DescribeEndpointCommand,
  UpdateEndpointCommand,
  type UpdateEndpointCommandInput,
} from '@aws-sdk/client-sagemaker';
import {
  InvokeEndpointCommand,
  type InvokeEndpointCommandInput,
  InvokeEndpointWithResponseStreamCommand,
} from '@aws-sdk/client-sagemaker-runtime';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startDaemon } from '../../src/daemon/start-daemon.js';
import { createConfig, createEndpoint, deleteEndpoint } from '../support/endpoints.js';
import { settled } from '../support/settled.js';
import { CREDENTIALS, configFor, REGION, useDaemon } from '../support/test-daemon.js';
import { bytesOf, captureConfig, capturedIn, keysOf, linesOf, TEXTS } from './captured.js';
import { echoProcess } from './echo-process.js';

/* Data capture as a user meets it: AWS's SDKs on both sides, a local process that answers with what it was sent. */

const world = useDaemon('process');
const folder = mkdtempSync(join(tmpdir(), 'smlocal-capture-'));
const container = echoProcess(folder);
let s3: S3Client;

beforeAll(async () => {
  s3 = clientAt(world.url);
  await s3.send(new CreateBucketCommand({ Bucket: 'captured' }));
});
afterAll(() => {
  s3.destroy();
  rmSync(folder, { recursive: true });
});

function clientAt(endpoint: string): S3Client {
  return new S3Client({ endpoint, region: REGION, credentials: CREDENTIALS, forcePathStyle: true });
}

const invoke = (EndpointName: string, input: Partial<InvokeEndpointCommandInput> = {}) =>
  world.runtime.send(
    new InvokeEndpointCommand({ EndpointName, Body: '1,2', ContentType: 'text/csv', ...input }),
  );

const captured = (endpoint: string) => capturedIn(s3, 'captured', `here/${endpoint}/`);

/** Everything that was captured of an endpoint, as soon as it is so much. */
const soon = (endpoint: string, count: number) =>
  vi.waitFor(async () => {
    const lines = await captured(endpoint);
    expect(lines).toHaveLength(count);
    return lines;
  }, 15_000);

async function makeConfig(EndpointConfigName: string, ModelName: string, of?: DataCaptureConfig) {
  await world.sagemaker.send(
    new CreateEndpointConfigCommand({
      EndpointConfigName,
      ProductionVariants: [
        { VariantName: 'blue', ModelName, InstanceType: 'ml.m5.large', InitialInstanceCount: 1 },
      ],
      DataCaptureConfig: of,
    }),
  );
}

/** An endpoint, its model and its config of one name, that captures. */
async function serve(name: string, change: Partial<DataCaptureConfig> = {}) {
  await createConfig(world, `${name}-model`, container);
  await makeConfig(name, `${name}-model`, captureConfig(change));
  const made = await createEndpoint(world, name, name);
  expect(made?.EndpointStatus, made?.FailureReason).toBe('InService');
  return made;
}

async function update(input: UpdateEndpointCommandInput) {
  await world.sagemaker.send(new UpdateEndpointCommand(input));
  return settled(world.sagemaker, input.EndpointName ?? '');
}

test('Requests and answers are in S3 soon after, where and as SageMaker has them', async () => {
  expect((await serve('plain'))?.DataCaptureConfig).toEqual({
    ...{ EnableCapture: true, CaptureStatus: 'Started', CurrentSamplingPercentage: 100 },
    ...{ DestinationS3Uri: 's3://captured/here', KmsKeyId: '' },
  });
  const binary = Buffer.from([0, 255, 128, 10]);
  await invoke('plain', { InferenceId: 'id-1', CustomAttributes: 'trace=1' });
  await invoke('plain', { Body: '{"a":"é"}', ContentType: 'application/json' });
  await invoke('plain', { Body: binary, ContentType: 'application/x-npy' });
  const [first, second, third] = await soon('plain', 3);
  const uuid = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  const csv = { observedContentType: 'text/csv', data: '1,2', encoding: 'CSV' };
  expect(first).toEqual({
    captureData: {
      endpointInput: { ...csv, mode: 'INPUT' },
      endpointOutput: { ...csv, mode: 'OUTPUT' },
    },
    eventMetadata: {
      ...{ eventId: uuid, inferenceId: 'id-1', customAttributes: ['trace=1'] },
      inferenceTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    },
    eventVersion: '0',
  });
  expect(second?.eventMetadata).toEqual({ eventId: uuid, inferenceTime: expect.any(String) });
  expect(second?.captureData.endpointInput).toMatchObject({ encoding: 'JSON', data: '{"a":"é"}' });
  expect(third?.captureData.endpointOutput).toMatchObject({
    ...{ observedContentType: 'application/x-npy', encoding: 'BASE64' },
    data: binary.toString('base64'),
  });
  for (const key of await keysOf(s3, 'captured', 'here/plain/')) {
    expect(key).toMatch(
      /^here\/plain\/blue\/\d{4}\/\d\d\/\d\d\/\d\d\/\d\d-\d\d-\d{3}-[0-9a-f-]{36}\.jsonl$/,
    );
    // The bucket is a folder.
    const lines = linesOf(readFileSync(join(world.stateDir, 's3', 'captured', key), 'utf8'));
    expect(lines[0]?.eventMetadata.inferenceTime.slice(0, 13).replace(/[-T]/g, '/')).toBe(
      key.split('/').slice(3, 7).join('/'),
    );
  }
});

test('What fails, and what streams, is not captured', async () => {
  await serve('some');
  await expect(invoke('some', { ContentType: 'text/fails' })).rejects.toThrow('it broke');
  const answer = await world.runtime.send(
    new InvokeEndpointWithResponseStreamCommand({ EndpointName: 'some', Body: 'streamed' }),
  );
  for await (const _ of answer.Body ?? []);
  await expect(invoke('some', { TargetVariant: 'none' })).rejects.toThrow('none');
  await invoke('some');
  await deleteEndpoint(world, 'some');
  expect(await soon('some', 1)).toMatchObject([
    { captureData: { endpointInput: { observedContentType: 'text/csv' } } },
  ]);
});

test('An update switches to the next config’s capture, unless variant properties are retained', async () => {
  await serve('switched');
  await invoke('switched', { Body: 'first' });
  const kms = { KmsKeyId: 'alias/key', DestinationS3Uri: 's3://captured/here/switched/second/' };
  await makeConfig('second', 'switched-model', captureConfig(kms));
  await makeConfig('off', 'switched-model', captureConfig({ EnableCapture: false }));
  const updated = await update({ EndpointName: 'switched', EndpointConfigName: 'second' });
  expect(updated?.DataCaptureConfig).toMatchObject({ ...kms, CaptureStatus: 'Started' });
  await invoke('switched', { Body: 'second' });
  await update({
    ...{ EndpointName: 'switched', EndpointConfigName: 'off', RetainAllVariantProperties: true },
  });
  await invoke('switched', { Body: 'retained' });
  const off = await update({
    ...{ EndpointName: 'switched', EndpointConfigName: 'off', RetainAllVariantProperties: true },
    ExcludeRetainedVariantProperties: [{ VariantPropertyType: 'DataCaptureConfig' }],
  });
  expect(off?.DataCaptureConfig).toMatchObject({ EnableCapture: false, CaptureStatus: 'Stopped' });
  await invoke('switched', { Body: 'off' });
  await deleteEndpoint(world, 'switched');
  const bodies = (lines: Awaited<ReturnType<typeof captured>>) =>
    lines.map(({ captureData }) => captureData.endpointInput?.data).sort();
  expect(bodies(await soon('switched', 3))).toEqual(['first', 'retained', 'second']);
  expect(bodies(await captured('switched/second/switched'))).toEqual(['retained', 'second']);
  const [Key] = await keysOf(s3, 'captured', 'here/switched/second/');
  const head = await s3.send(new HeadObjectCommand({ Bucket: 'captured', Key }));
  expect(head).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: 'alias/key' });
});

test('Large bodies are captured whole while they stream through', async () => {
  await serve('large');
  const csv = Buffer.alloc(20_000_000, '1.5,"two\tand a half",3é\n');
  const binary = Buffer.alloc(20_000_001, '\u0000\u0080binary');
  const answers = await Promise.all([
    invoke('large', { Body: csv }),
    invoke('large', { Body: 'small' }),
  ]);
  expect(Buffer.from(answers[0].Body).equals(csv)).toBe(true);
  await soon('large', 2);
  await invoke('large', { Body: binary, ContentType: 'application/x-npy' });
  const lines = await soon('large', 3);
  const large = lines.flatMap(({ captureData: { endpointInput, endpointOutput } }) =>
    [endpointInput, endpointOutput].flatMap((body) => (body ? [bytesOf(body)] : [])),
  );
  const isOf = (body: Buffer) => large.filter((one) => one.equals(body)).length;
  expect([isOf(csv), isOf(binary), isOf(Buffer.from('small'))]).toEqual([2, 2, 2]);
}, 60_000);

test('A bucket that is not there fails no call; status says what is lost and what to type', async () => {
  await serve('lost', { DestinationS3Uri: 's3://not-there' });
  const notices: string[] = [];
  world.daemon.events.on('notice', ({ text }) => notices.push(text));
  const lossOf = async () => {
    const { endpoints } = await world.daemon.status();
    return endpoints.find(({ EndpointName }) => EndpointName === 'lost')?.captureLoss;
  };
  expect(await lossOf()).toBeNull();
  expect((await invoke('lost')).Body.transformToString()).toBe('1,2');
  const told = 'There is no bucket not-there. Type "smlocal exec -- aws s3 mb s3://not-there".';
  await vi.waitFor(
    async () => expect(await lossOf()).toBe(`data capture: 1 request was lost. ${told}`),
    15_000,
  );
  await s3.send(new CreateBucketCommand({ Bucket: 'not-there' }));
  await invoke('lost', { Body: 'kept' });
  await vi.waitFor(
    async () => expect(await capturedIn(s3, 'not-there', 'lost/blue/')).toHaveLength(1),
    15_000,
  );
  expect(notices).toEqual([`data capture: ${told}`]);
});

test('A destination that no folder can stand for has its objects all the same', async () => {
  await serve('odd', { DestinationS3Uri: 's3://captured/odd//path' });
  await invoke('odd');
  await vi.waitFor(
    async () => expect(await capturedIn(s3, 'captured', 'odd//path/odd/blue/')).toHaveLength(1),
    15_000,
  );
});

test('Calls without capture, and configs that never capture, leave nothing', async () => {
  await serve('none', { InitialSamplingPercentage: 0 });
  const { DataCaptureConfig } = await world.sagemaker.send(
    new DescribeEndpointCommand({ EndpointName: 'none' }),
  );
  expect(DataCaptureConfig).toMatchObject({
    ...{ CaptureStatus: 'Started', CurrentSamplingPercentage: 0 },
  });
  for (let count = 0; count < 20; count += 1) await invoke('none');
  await deleteEndpoint(world, 'none');
  expect(await captured('none')).toEqual([]);
});

test('A daemon that is stopped has written what it captured, and the next one shows it', async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'smlocal-stopped-'));
  const run = async () => startDaemon({ config: configFor('process'), stateDir });
  const daemon = await run();
  await daemon.resume();
  const client = clientAt(daemon.url);
  await client.send(new CreateBucketCommand({ Bucket: 'captured' }));
  const control = daemon.control;
  await control('CreateModel', { ModelName: 'm', PrimaryContainer: container });
  await control('CreateEndpointConfig', {
    EndpointConfigName: 'c',
    ProductionVariants: [
      { VariantName: 'v', ModelName: 'm', InstanceType: 'ml.m5.large', InitialInstanceCount: 1 },
    ],
    DataCaptureConfig: captureConfig({ CaptureContentTypeHeader: TEXTS }),
  });
  const inService = new Promise<void>((resolve) => {
    daemon.events.on('status', ({ status }) => status === 'InService' && resolve());
  });
  await control('CreateEndpoint', { EndpointName: 'e', EndpointConfigName: 'c' });
  await inService;
  const calls = Array.from({ length: 50 }, async () => {
    const url = `${daemon.url}/endpoints/e/invocations`;
    expect((await fetch(url, { method: 'POST', body: 'x' })).status).toBe(200);
  });
  await Promise.all(calls);
  await daemon.stop({ force: true });
  client.destroy();
  expect(readdirSync(join(stateDir, 's3-state', 'staging'))).toEqual([]);
  const next = await run();
  const reader = clientAt(next.url);
  expect(await capturedIn(reader, 'captured', 'here/e/v/')).toHaveLength(50);
  reader.destroy();
  await next.stop({ force: true });
  rmSync(stateDir, { recursive: true });
}, 60_000);
