import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import {
  CreateEndpointConfigCommand,
  CreateModelCommand,
  type DataCaptureConfig,
} from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand } from '@aws-sdk/client-sagemaker-runtime';
import { afterAll, expect, test, vi } from 'vitest';
import { captureConfig, capturedIn } from '../capture/captured.js';
import { echoProcess } from '../capture/echo-process.js';
import { createEndpoint } from '../support/endpoints.js';
import { usePassingDaemon } from './passing-daemon.js';

const world = usePassingDaemon(['remote-*']);
const folder = mkdtempSync(join(tmpdir(), 'smlocal-remote-capture-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function serve(name: string, change: Partial<DataCaptureConfig>): Promise<void> {
  const { sagemaker } = world;
  const PrimaryContainer = echoProcess(folder);
  await sagemaker.send(new CreateModelCommand({ ModelName: name, PrimaryContainer }));
  await sagemaker.send(
    new CreateEndpointConfigCommand({
      EndpointConfigName: name,
      ProductionVariants: [
        { VariantName: 'v', ModelName: name, InstanceType: 'ml.m5.large', InitialInstanceCount: 1 },
      ],
      DataCaptureConfig: captureConfig(change),
    }),
  );
  expect(await createEndpoint(world, name, name)).toMatchObject({ EndpointStatus: 'InService' });
}

const invoke = (EndpointName: string) =>
  world.runtime.send(
    new InvokeEndpointCommand({ EndpointName, Body: 'passed on', ContentType: 'text/csv' }),
  );

test('What is captured into a bucket of another S3 is there, and a bucket that is not there is said', async () => {
  await world.there.send(new CreateBucketCommand({ Bucket: 'remote-captured' }));
  await serve('passed', { DestinationS3Uri: 's3://remote-captured/here' });
  await serve('refused', { DestinationS3Uri: 's3://remote-absent/here' });
  await invoke('passed');
  await invoke('refused');
  await vi.waitFor(async () => {
    const lines = await capturedIn(world.there, 'remote-captured', 'here/passed/v/');
    expect(lines.map(({ captureData }) => captureData.endpointOutput?.data)).toEqual(['passed on']);
  }, 20_000);
  await vi.waitFor(() => {
    const [, refused] = world.daemon.endpointLines();
    expect(refused?.captureLoss).toContain('s3://remote-absent: 404 NoSuchBucket');
  }, 20_000);
}, 60_000);
