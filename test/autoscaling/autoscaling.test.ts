import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ApplicationAutoScalingClient,
  DeleteScalingPolicyCommand,
  DeregisterScalableTargetCommand,
  DescribeScalableTargetsCommand,
  DescribeScalingActivitiesCommand,
  DescribeScalingPoliciesCommand,
  PutScalingPolicyCommand,
  type PutScalingPolicyCommandInput,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ACCOUNT, refusal } from '../support/control-daemon.js';
import { awsEnvironment, pythonClients } from '../support/python-clients.js';
import { succeed } from '../support/run.js';
import { CREDENTIALS, REGION } from '../support/test-daemon.js';
import type { WatchedDaemon } from '../support/watched.js';
import { daemonWith, variantOf } from './scaled-endpoint.js';

const VARIANT = variantOf('scaled');

const POLICY: PutScalingPolicyCommandInput = {
  ...VARIANT,
  ...{ PolicyName: 'calls', PolicyType: 'TargetTrackingScaling' },
  TargetTrackingScalingPolicyConfiguration: {
    TargetValue: 5,
    CustomizedMetricSpecification: {
      Namespace: 'Mine',
      MetricName: 'Waiting',
      Statistic: 'Maximum',
    },
  },
};

const home = mkdtempSync(join(tmpdir(), 'smlocal-scaling-'));
let watched: WatchedDaemon;
let client: ApplicationAutoScalingClient;
let settings: { endpoint: string; region: string; credentials: typeof CREDENTIALS };

beforeAll(async () => {
  watched = await daemonWith('scaled');
  settings = { endpoint: watched.daemon.url, region: REGION, credentials: CREDENTIALS };
  client = new ApplicationAutoScalingClient({ ...settings, maxAttempts: 1 });
}, 60_000);
afterAll(async () => {
  client.destroy();
  await watched.stop();
  rmSync(home, { recursive: true });
});

const register = (change: object) =>
  client.send(
    new RegisterScalableTargetCommand({ ...VARIANT, MinCapacity: 1, MaxCapacity: 2, ...change }),
  );

test('A target is registered, changed and shown', async () => {
  const { ScalableTargetARN } = await register({});
  expect(ScalableTargetARN).toMatch(
    new RegExp(`^arn:aws:application-autoscaling:${REGION}:${ACCOUNT}:scalable-target/`),
  );
  await register({ MaxCapacity: 3, MinCapacity: undefined });
  const { ScalableTargets } = await client.send(
    new DescribeScalableTargetsCommand({ ServiceNamespace: 'sagemaker' }),
  );
  expect(ScalableTargets).toEqual([
    expect.objectContaining({
      ...VARIANT,
      ...{ MinCapacity: 1, MaxCapacity: 3, ScalableTargetARN },
      CreationTime: expect.any(Date),
    }),
  ]);
});

test('What does not exist, or is not scaled here, is refused', async () => {
  const code = async (call: Promise<unknown>) => (await refusal(call)).code;
  const put = (change: Partial<PutScalingPolicyCommandInput>) =>
    code(client.send(new PutScalingPolicyCommand({ ...POLICY, ...change })));
  expect([
    await code(register({ ResourceId: 'endpoint/none/variant/AllTraffic' })),
    await code(register({ ResourceId: 'service/e' })),
    await code(register({ MinCapacity: 5, MaxCapacity: 4 })),
    await code(register({ MinCapacity: 0 })),
    await code(register({ ServiceNamespace: 'ecs' })),
    await put({ PolicyType: 'StepScaling' }),
    await put({ TargetTrackingScalingPolicyConfiguration: { TargetValue: 1 } }),
    await put({ ResourceId: 'endpoint/other/variant/AllTraffic' }),
    await code(
      client.send(new DeleteScalingPolicyCommand({ ...VARIANT, PolicyName: 'never-made' })),
    ),
  ]).toEqual([
    ...Array.from({ length: 7 }, () => 'ValidationException'),
    ...['ObjectNotFoundException', 'ObjectNotFoundException'],
  ]);
});

test('A variant is made larger while its metric is above the target, and the aws command line shows why', async () => {
  const clients = await pythonClients();
  const { PolicyARN } = await client.send(new PutScalingPolicyCommand(POLICY));
  const { ScalingPolicies } = await client.send(
    new DescribeScalingPoliciesCommand({ ServiceNamespace: 'sagemaker' }),
  );
  expect(ScalingPolicies).toEqual([
    expect.objectContaining({ PolicyARN, PolicyName: 'calls', ResourceId: VARIANT.ResourceId }),
  ]);
  const cloudwatch = new CloudWatchClient(settings);
  const minutes = Array.from({ length: 8 }, (_, back) => new Date(Date.now() - back * 60_000));
  await cloudwatch.send(
    new PutMetricDataCommand({
      Namespace: 'Mine',
      MetricData: minutes.map((Timestamp) => ({ MetricName: 'Waiting', Value: 9, Timestamp })),
    }),
  );
  cloudwatch.destroy();
  await vi.waitFor(
    () => {
      const [line] = watched.daemon.endpointLines();
      expect(line).toMatchObject({ EndpointStatus: 'InService' });
      expect(line?.containers).toHaveLength(2);
    },
    { timeout: 60_000, interval: 200 },
  );
  const aws = join(clients, 'bin', 'aws');
  const words = ['application-autoscaling', 'describe-scaling-activities'];
  const { ScalingActivities } = JSON.parse(
    await succeed(aws, [...words, '--service-namespace', 'sagemaker'], {
      env: awsEnvironment(watched.daemon.url, home),
    }),
  );
  expect(ScalingActivities).toEqual([
    expect.objectContaining({
      Description: 'Setting desired instance count to 2.',
      Cause: 'above 5 for 3 minutes: policy calls',
      StatusCode: 'Successful',
    }),
  ]);
}, 300_000);

test('A target takes its policies along when it goes, and goes with its endpoint', async () => {
  const policies = async () =>
    (await client.send(new DescribeScalingPoliciesCommand({ ServiceNamespace: 'sagemaker' })))
      .ScalingPolicies;
  await client.send(new DeregisterScalableTargetCommand(VARIANT));
  expect(await policies()).toEqual([]);
  expect(await refusal(client.send(new DeregisterScalableTargetCommand(VARIANT)))).toEqual({
    ...{ code: 'ObjectNotFoundException', status: 400 },
    message: `No scalable target found for service namespace: sagemaker, resource ID: ${VARIANT.ResourceId}, scalable dimension: ${VARIANT.ScalableDimension}`,
  });
  await register({});
  await client.send(new PutScalingPolicyCommand(POLICY));
  await watched.daemon.control('DeleteEndpoint', { EndpointName: 'scaled' });
  await vi.waitFor(
    async () => {
      expect(await policies()).toEqual([]);
      const { ScalableTargets } = await client.send(
        new DescribeScalableTargetsCommand({ ServiceNamespace: 'sagemaker' }),
      );
      expect(ScalableTargets).toEqual([]);
    },
    { timeout: 20_000 },
  );
  const activities = new DescribeScalingActivitiesCommand({ ServiceNamespace: 'sagemaker' });
  expect((await client.send(activities)).ScalingActivities).toHaveLength(1);
});
