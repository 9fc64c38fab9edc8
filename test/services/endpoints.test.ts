import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DeleteEndpointCommand,
  DeleteEndpointConfigCommand,
  DescribeEndpointCommand,
  type EndpointStatus,
  UpdateEndpointCommand,
} from '@aws-sdk/client-sagemaker';
import { beforeAll, expect, test } from 'vitest';
import type { EndpointRecord } from '../../src/hosting/records.js';
import { deploymentOf, endpointOf, variantOf } from '../hosting/records.js';
import { ARN, invalid, refusal, useControlDaemon } from '../support/control-daemon.js';
import { settled } from '../support/settled.js';

const named = (
  EndpointName: string,
  status: EndpointStatus,
  change: Partial<EndpointRecord> = {},
): EndpointRecord =>
  endpointOf(status, { EndpointName, EndpointArn: `${ARN}:endpoint/${EndpointName}`, ...change });

const current = deploymentOf('d1', {
  EndpointConfigName: 'config',
  variants: [variantOf({ instanceCount: 4, weight: 7, resolvedImage: 'image@sha256:1' })],
  DataCaptureConfig: {
    InitialSamplingPercentage: 10,
    DestinationS3Uri: 's3://b/k',
    CaptureOptions: [{ CaptureMode: 'Input' }],
  },
});

const PLACED = [
  named('creating', 'Creating', { pending: current }),
  named('serving', 'InService', { deployment: current }),
  named('updating', 'Updating', { deployment: current, pending: deploymentOf('d2') }),
  named('rolling-back', 'RollingBack', { deployment: current }),
  named('deleting', 'Deleting'),
  named('failed', 'Failed', { pending: current, FailureReason: 'it broke' }),
  ...['retaining', 'excluding', 'plain', 'orphan', 'unlike'].map((name) =>
    named(name, 'InService', { deployment: current }),
  ),
];

const control = useControlDaemon(async (records) => {
  await Promise.all(PLACED.map((record) => records.endpoints.put(record.EndpointName, record)));
});

const describe = (EndpointName: string) =>
  control.sagemaker.send(new DescribeEndpointCommand({ EndpointName }));

const update = (EndpointName: string, rest: object = {}) =>
  control.sagemaker.send(
    new UpdateEndpointCommand({ EndpointName, EndpointConfigName: 'config', ...rest }),
  );

const remove = (EndpointName: string) =>
  control.sagemaker.send(new DeleteEndpointCommand({ EndpointName }));

async function createConfig(EndpointConfigName: string, variant: object = {}) {
  const VariantName = 'AllTraffic';
  const instances = { InstanceType: 'ml.m5.large' as const, InitialInstanceCount: 1 };
  await control.sagemaker.send(
    new CreateEndpointConfigCommand({
      EndpointConfigName,
      ProductionVariants: [{ VariantName, ModelName: 'm', ...instances, ...variant }],
    }),
  );
}

beforeAll(async () => {
  const PrimaryContainer = { Image: 'image' };
  await control.sagemaker.send(new CreateModelCommand({ ModelName: 'm', PrimaryContainer }));
  await createConfig('config');
});

test('An endpoint is created at once; where it cannot come up it fails and says why', async () => {
  const input = { EndpointName: 'New', EndpointConfigName: 'config' };
  const made = await control.sagemaker.send(new CreateEndpointCommand(input));
  expect(made.EndpointArn).toBe(`${ARN}:endpoint/new`);
  expect(await settled(control.sagemaker, 'New')).toMatchObject({
    EndpointStatus: 'Failed',
    EndpointArn: made.EndpointArn,
    EndpointConfigName: 'config',
    FailureReason: expect.stringMatching(/docker/i),
  });
});

test('An endpoint in service shows what serves', async () => {
  const { ProductionVariants, DataCaptureConfig, ...shown } = await describe('serving');
  expect(shown).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName: 'config' });
  expect(shown).not.toHaveProperty('PendingDeploymentSummary');
  expect(ProductionVariants).toEqual([
    {
      VariantName: 'AllTraffic',
      DeployedImages: [{ SpecifiedImage: 'image', ResolvedImage: 'image@sha256:1' }],
      CurrentWeight: 7,
      DesiredWeight: 7,
      CurrentInstanceCount: 4,
      DesiredInstanceCount: 4,
    },
  ]);
  expect(DataCaptureConfig).toMatchObject({ EnableCapture: true, CaptureStatus: 'Started' });
});

test('An endpoint that is updated shows what serves and what comes', async () => {
  const shown = await describe('updating');
  expect(shown.EndpointStatus).toBe('Updating');
  expect(shown.ProductionVariants).toHaveLength(1);
  expect(shown.PendingDeploymentSummary).toMatchObject({
    EndpointConfigName: 'config',
    StartTime: expect.any(Date),
    ProductionVariants: [{ VariantName: 'AllTraffic', DesiredInstanceCount: 1 }],
  });
});

test('A failed endpoint says why, and what it was to run', async () => {
  const shown = await describe('failed');
  expect(shown).toMatchObject({ FailureReason: 'it broke', EndpointConfigName: 'config' });
  expect(shown).not.toHaveProperty('ProductionVariants');
  expect(shown).not.toHaveProperty('PendingDeploymentSummary');
});

test('An endpoint that is not there can be neither described, updated nor deleted', async () => {
  const refused = invalid(`Could not find endpoint "${ARN}:endpoint/nobody".`);
  expect(await refusal(describe('nobody'))).toEqual(refused);
  expect(await refusal(update('nobody'))).toEqual(refused);
  expect(await refusal(remove('nobody'))).toEqual(refused);
});

test('A name that is taken is refused', async () => {
  const input = { EndpointName: 'Serving', EndpointConfigName: 'config' };
  expect(await refusal(control.sagemaker.send(new CreateEndpointCommand(input)))).toEqual(
    invalid(`Cannot create already existing endpoint "${ARN}:endpoint/serving".`),
  );
});

test('A config that is not there is refused', async () => {
  const refused = invalid(`Could not find endpoint configuration "${ARN}:endpoint-config/nobody".`);
  const input = { EndpointName: 'refused', EndpointConfigName: 'nobody' };
  expect(await refusal(control.sagemaker.send(new CreateEndpointCommand(input)))).toEqual(refused);
  expect(await refusal(update('serving', { EndpointConfigName: 'nobody' }))).toEqual(refused);
});

test.each(['creating', 'updating', 'rolling-back', 'deleting'])(
  'An endpoint that is %s can be neither updated nor deleted',
  async (name) => {
    const refused = invalid(`Cannot update in-progress endpoint "${ARN}:endpoint/${name}".`);
    expect(await refusal(update(name))).toEqual(refused);
    expect(await refusal(remove(name))).toEqual(refused);
  },
);

test('A failed endpoint that never served cannot be updated', async () => {
  expect(await refusal(update('failed'))).toEqual(
    invalid(`Cannot update endpoint "${ARN}:endpoint/failed" in status Failed.`),
  );
});

test('An endpoint whose present config was deleted cannot be updated, as on AWS', async () => {
  const EndpointConfigName = 'another';
  await createConfig(EndpointConfigName);
  await control.sagemaker.send(new DeleteEndpointConfigCommand({ EndpointConfigName: 'config' }));
  const refused = await refusal(update('orphan', { EndpointConfigName }));
  await createConfig('config');
  expect(refused).toEqual(
    invalid(`Could not find endpoint configuration "${ARN}:endpoint-config/config".`),
  );
});

test('An endpoint of instances cannot become serverless', async () => {
  const ServerlessConfig = { MemorySizeInMB: 1024, MaxConcurrency: 1 };
  const none = { InstanceType: undefined, InitialInstanceCount: undefined };
  await createConfig('serverless', { ...none, ServerlessConfig });
  expect(await refusal(update('unlike', { EndpointConfigName: 'serverless' }))).toEqual(
    invalid(
      `Endpoint "${ARN}:endpoint/unlike" cannot be updated between instance-based and serverless variants.`,
    ),
  );
});

/** What an update was to bring; it may have failed already for want of an engine, so the daemon's record tells. */
async function updated(name: string, rest: object = {}) {
  const seen: { variants?: unknown; capture?: unknown } = {};
  const watch = () => {
    const pending = control.daemon.endpoints.find((one) => one.EndpointName === name)?.pending;
    if (pending === undefined) return;
    seen.variants ??= pending.variants.map(({ instanceCount, weight }) => [instanceCount, weight]);
    seen.capture = pending.DataCaptureConfig;
  };
  control.daemon.events.on('status', watch);
  await update(name, rest);
  control.daemon.events.off('status', watch);
  return seen;
}

test('An update takes counts and weights from the new config', async () => {
  expect(await updated('plain')).toEqual({ variants: [[1, 1]], capture: undefined });
});

test('An update that retains variant properties keeps counts, weights and data capture', async () => {
  expect(await updated('retaining', { RetainAllVariantProperties: true })).toEqual({
    variants: [[4, 7]],
    capture: current.DataCaptureConfig,
  });
});

test('What an update excludes from retaining comes from the new config', async () => {
  const ExcludeRetainedVariantProperties = [
    { VariantPropertyType: 'DesiredWeight' },
    { VariantPropertyType: 'DataCaptureConfig' },
  ];
  const rest = { RetainAllVariantProperties: true, ExcludeRetainedVariantProperties };
  expect(await updated('excluding', rest)).toEqual({ variants: [[4, 1]], capture: undefined });
});
