import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ApplicationAutoScalingClient,
  DeleteScalingPolicyCommand,
  DescribeScalingActivitiesCommand,
  DescribeScalingPoliciesCommand,
  PutScalingPolicyCommand,
  type PutScalingPolicyCommandInput,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  DisableAlarmActionsCommand,
  EnableAlarmActionsCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ACCOUNT, refusal } from '../support/control-daemon.js';
import { awsEnvironment, pythonClients } from '../support/python-clients.js';
import { succeed } from '../support/run.js';
import { CREDENTIALS, REGION } from '../support/test-daemon.js';
import type { WatchedDaemon } from '../support/watched.js';
import { daemonWith, variantOf } from './scaled-endpoint.js';

const VARIANT = variantOf('stepped');

/** Two more up to ten above the threshold, three more beyond. */
const OUT: PutScalingPolicyCommandInput = {
  ...VARIANT,
  ...{ PolicyName: 'more', PolicyType: 'StepScaling' },
  StepScalingPolicyConfiguration: {
    ...{ AdjustmentType: 'ChangeInCapacity', MetricAggregationType: 'Maximum', Cooldown: 600 },
    StepAdjustments: [
      { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 10, ScalingAdjustment: 2 },
      { MetricIntervalLowerBound: 10, ScalingAdjustment: 3 },
    ],
  },
};

const IN: PutScalingPolicyCommandInput = {
  ...VARIANT,
  ...{ PolicyName: 'fewer', PolicyType: 'StepScaling' },
  StepScalingPolicyConfiguration: {
    ...{ AdjustmentType: 'PercentChangeInCapacity', MinAdjustmentMagnitude: 3, Cooldown: 0 },
    StepAdjustments: [{ MetricIntervalUpperBound: 0, ScalingAdjustment: -10 }],
  },
};

const METRIC = { Namespace: 'Mine', MetricName: 'Waiting' };

const alarm = (change: Partial<PutMetricAlarmCommandInput>): PutMetricAlarmCommandInput => ({
  ...METRIC,
  ...{ AlarmName: 'long', Statistic: 'Maximum', Period: 60, EvaluationPeriods: 1, Threshold: 10 },
  ComparisonOperator: 'GreaterThanThreshold',
  ...change,
});

const home = mkdtempSync(join(tmpdir(), 'smlocal-steps-'));
let watched: WatchedDaemon;
let scaling: ApplicationAutoScalingClient;
let cloudwatch: CloudWatchClient;
let aws: string;

beforeAll(async () => {
  aws = join(await pythonClients(), 'bin', 'aws');
  watched = await daemonWith('stepped');
  const settings = { endpoint: watched.daemon.url, region: REGION, credentials: CREDENTIALS };
  scaling = new ApplicationAutoScalingClient({ ...settings, maxAttempts: 1 });
  cloudwatch = new CloudWatchClient({ ...settings, maxAttempts: 1 });
  const bounds = { MinCapacity: 1, MaxCapacity: 4 };
  await scaling.send(new RegisterScalableTargetCommand({ ...VARIANT, ...bounds }));
}, 300_000);
afterAll(async () => {
  scaling.destroy();
  cloudwatch.destroy();
  await watched.stop();
  rmSync(home, { recursive: true });
});

const put = (policy: PutScalingPolicyCommandInput) =>
  scaling.send(new PutScalingPolicyCommand(policy));

const described = async (filter: object = {}) =>
  (await cloudwatch.send(new DescribeAlarmsCommand(filter))).MetricAlarms ?? [];

const causes = async () => {
  const asked = new DescribeScalingActivitiesCommand({ ServiceNamespace: 'sagemaker' });
  const { ScalingActivities = [] } = await scaling.send(asked);
  return ScalingActivities.filter(({ StatusCode }) => StatusCode === 'Successful').map(
    ({ Description, Cause }) => [Description, Cause],
  );
};

/** Waits until the variant has so many instances, all up. */
async function hasInstances(count: number): Promise<void> {
  await vi.waitFor(
    () => {
      const [line] = watched.daemon.endpointLines();
      expect(line).toMatchObject({ EndpointStatus: 'InService' });
      expect(line?.containers).toHaveLength(count);
    },
    { timeout: 90_000, interval: 100 },
  );
}

/** As somebody does who tries a policy: with the values that it is to go by. */
const setAlarm = (AlarmName: string, recentDatapoints: number[]) =>
  cloudwatch.send(
    new SetAlarmStateCommand({
      ...{ AlarmName, StateValue: 'ALARM', StateReason: 'a trial' },
      StateReasonData: JSON.stringify({ version: '1.0', recentDatapoints }),
    }),
  );

test('An alarm that is set by hand calls its policy at once, and the policy is shown with its alarm', async () => {
  const { PolicyARN = '' } = await put(OUT);
  await cloudwatch.send(new PutMetricAlarmCommand(alarm({ AlarmActions: [PolicyARN] })));
  await setAlarm('long', [3, 15]);
  await hasInstances(3);
  expect(await causes()).toEqual([
    [
      'Setting desired instance count to 3.',
      'monitor alarm long in state ALARM triggered policy more',
    ],
  ]);
  const { ScalingPolicies } = await scaling.send(
    new DescribeScalingPoliciesCommand({ ServiceNamespace: 'sagemaker', PolicyNames: ['more'] }),
  );
  const AlarmARN = `arn:aws:cloudwatch:${REGION}:${ACCOUNT}:alarm:long`;
  expect(ScalingPolicies).toEqual([
    expect.objectContaining({ ...OUT, PolicyARN, Alarms: [{ AlarmName: 'long', AlarmARN }] }),
  ]);
}, 120_000);

test('An alarm goes off by its metric; during the cool-down only what is more is added, within the bounds', async () => {
  // By itself it knows nothing, and goes back to that.
  await vi.waitFor(
    async () => expect(await described({ StateValue: 'INSUFFICIENT_DATA' })).toHaveLength(1),
    { timeout: 60_000, interval: 200 },
  );
  const minutes = Array.from({ length: 4 }, (_, back) => new Date(Date.now() - back * 60_000));
  await cloudwatch.send(
    new PutMetricDataCommand({
      Namespace: METRIC.Namespace,
      MetricData: minutes.map((Timestamp) => ({ MetricName: 'Waiting', Value: 25, Timestamp })),
    }),
  );
  await hasInstances(4);
  expect((await causes()).length).toBe(2);
  const words = ['cloudwatch', 'describe-alarms', '--alarm-names', 'long'];
  const env = awsEnvironment(watched.daemon.url, home);
  const { MetricAlarms, CompositeAlarms } = JSON.parse(await succeed(aws, words, { env }));
  expect(CompositeAlarms).toEqual([]);
  expect(MetricAlarms).toEqual([
    expect.objectContaining({
      ...alarm({ AlarmActions: [expect.any(String) as never] }),
      ...{ StateValue: 'ALARM', ActionsEnabled: true },
      StateReason: expect.stringMatching(
        /^Threshold Crossed: 1 datapoint \[25\.0 \(.*\)\] was greater than the threshold \(10\.0\)\.$/,
      ),
    }),
  ]);
}, 120_000);

test('A variant is made smaller by its steps, and an alarm without actions does nothing', async () => {
  await cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: ['long', 'never-made'] }));
  const { PolicyARN = '' } = await put(IN);
  const below = alarm({
    ...{ AlarmName: 'idle', AlarmActions: [PolicyARN], MetricName: 'Nothing' },
    ...{ ComparisonOperator: 'LessThanThreshold', TreatMissingData: 'notBreaching' },
  });
  await cloudwatch.send(new PutMetricAlarmCommand(below));
  await cloudwatch.send(new DisableAlarmActionsCommand({ AlarmNames: ['idle'] }));
  await setAlarm('idle', [1]);
  expect((await described({ AlarmNames: ['idle'] }))[0]?.ActionsEnabled).toBe(false);
  expect((await causes()).length).toBe(2);
  // By itself it is in order, for what is missing is no breach.
  await vi.waitFor(async () => expect(await described({ StateValue: 'OK' })).toHaveLength(1), {
    timeout: 60_000,
    interval: 200,
  });
  await cloudwatch.send(new EnableAlarmActionsCommand({ AlarmNames: ['idle'] }));
  const empty = { AlarmName: 'idle', StateValue: 'ALARM', StateReason: 'a trial' } as const;
  await cloudwatch.send(new SetAlarmStateCommand(empty));
  const asked = new DescribeScalingActivitiesCommand({ ServiceNamespace: 'sagemaker' });
  expect((await scaling.send(asked)).ScalingActivities?.[0]).toMatchObject({
    ...{ StatusCode: 'Failed', StatusMessage: expect.stringContaining('recentDatapoints') },
  });
  await cloudwatch.send(new SetAlarmStateCommand({ ...empty, StateValue: 'OK' }));
  await setAlarm('idle', [1]);
  await hasInstances(1);
  expect((await causes())[0]).toEqual([
    ...['Setting desired instance count to 1.'],
    'monitor alarm idle in state ALARM triggered policy fewer',
  ]);
}, 120_000);

test('Target tracking has its two alarms, which go with its policy', async () => {
  const tracking: PutScalingPolicyCommandInput = {
    ...VARIANT,
    ...{ PolicyName: 'tracking', PolicyType: 'TargetTrackingScaling' },
    TargetTrackingScalingPolicyConfiguration: {
      TargetValue: 70,
      PredefinedMetricSpecification: {
        PredefinedMetricType: 'SageMakerVariantInvocationsPerInstance',
      },
    },
  };
  const { PolicyARN, Alarms = [] } = await put(tracking);
  const prefix = { AlarmNamePrefix: `TargetTracking-${VARIANT.ResourceId}-Alarm` };
  const found = await described(prefix);
  expect(found.map(({ AlarmName }) => AlarmName)).toEqual(Alarms.map((one) => one.AlarmName));
  expect(found).toEqual([
    expect.objectContaining({
      ...{ ComparisonOperator: 'GreaterThanThreshold', Threshold: 70, EvaluationPeriods: 3 },
      ...{ AlarmActions: [PolicyARN], MetricName: 'InvocationsPerInstance' },
    }),
    expect.objectContaining({
      ...{ ComparisonOperator: 'LessThanThreshold', Threshold: 63, EvaluationPeriods: 15 },
    }),
  ]);
  await scaling.send(new DeleteScalingPolicyCommand({ ...VARIANT, PolicyName: 'tracking' }));
  expect(await described(prefix)).toEqual([]);
});

test('What cannot be an alarm or a policy is refused', async () => {
  const refused = async (change: object) => {
    const call = new PutMetricAlarmCommand({ ...alarm({ AlarmName: 'refused' }), ...change });
    return (await refusal(cloudwatch.send(call))).code;
  };
  const unset = undefined;
  expect([
    await refused({ Statistic: unset }),
    await refused({ ExtendedStatistic: 'p90' }),
    await refused({ Threshold: unset }),
    await refused({ Period: 30 }),
    await refused({ Period: 60, EvaluationPeriods: 1441 }),
    await refused({ DatapointsToAlarm: 2 }),
    await refused({ TreatMissingData: 'sometimes' }),
    await refused({ AlarmActions: ['more'] }),
    await refused({ ComparisonOperator: 'LessThanLowerThreshold' }),
    await refused({ Metrics: [{ Id: 'm', Expression: '1' }] }),
  ]).toEqual([
    ...['InvalidParameterCombinationException', 'InvalidParameterCombinationException'],
    ...[
      'MissingRequiredParameterException',
      'InvalidParameterValueException',
      'ValidationException',
    ],
    ...['ValidationException', 'InvalidParameterValueException', 'ValidationException'],
    ...['ValidationException', 'ValidationException'],
  ]);
  expect(await described({ AlarmNames: ['refused'] })).toEqual([]);
  const unknown = new SetAlarmStateCommand({
    ...{ AlarmName: 'refused', StateValue: 'OK', StateReason: '' },
  });
  expect(await refusal(cloudwatch.send(unknown))).toMatchObject({
    ...{ code: 'ResourceNotFound', status: 404 },
  });
  const gap = {
    ...OUT.StepScalingPolicyConfiguration,
    StepAdjustments: [
      { MetricIntervalLowerBound: 5, MetricIntervalUpperBound: 9, ScalingAdjustment: 1 },
    ],
  };
  expect(await refusal(put({ ...OUT, StepScalingPolicyConfiguration: gap }))).toEqual({
    ...{ code: 'ValidationException', status: 400 },
    message:
      'There must be a StepAdjustment with an unspecified upper bound (i.e., upper bound is null) when one StepAdjustment has a positive upper bound',
  });
});
