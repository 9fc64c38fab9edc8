import {
  type CapacitySize,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  type DeploymentConfig,
  DescribeEndpointCommand,
  type TrafficRoutingConfig,
  UpdateEndpointCommand,
} from '@aws-sdk/client-sagemaker';
import { beforeAll, expect, test } from 'vitest';
import { deploymentOf, endpointOf } from '../hosting/records.js';
import { ARN, invalid, refusal, useControlDaemon } from '../support/control-daemon.js';

const control = useControlDaemon(async ({ endpoints }) => {
  for (const EndpointName of ['e', 'accepting', 'retaining']) {
    await endpoints.put(
      EndpointName,
      endpointOf('InService', {
        EndpointName,
        EndpointArn: `${ARN}:endpoint/${EndpointName}`,
        deployment: deploymentOf('d1'),
      }),
    );
  }
});

beforeAll(async () => {
  const PrimaryContainer = { Image: 'image' };
  await control.sagemaker.send(new CreateModelCommand({ ModelName: 'm', PrimaryContainer }));
  await control.sagemaker.send(
    new CreateEndpointConfigCommand({
      EndpointConfigName: 'config',
      ProductionVariants: [
        { VariantName: 'a', ModelName: 'm', InstanceType: 'ml.m5.large', InitialInstanceCount: 4 },
      ],
    }),
  );
});

const update = (
  EndpointName: string,
  rest: { DeploymentConfig?: DeploymentConfig; RetainDeploymentConfig?: boolean },
) =>
  control.sagemaker.send(
    new UpdateEndpointCommand({ EndpointName, EndpointConfigName: 'config', ...rest }),
  );

const lastOf = async (EndpointName: string) =>
  (await control.sagemaker.send(new DescribeEndpointCommand({ EndpointName })))
    .LastDeploymentConfig;

const percent = (Value: number): CapacitySize => ({ Type: 'CAPACITY_PERCENT', Value });
const count = (Value: number): CapacitySize => ({ Type: 'INSTANCE_COUNT', Value });

const blueGreen = (
  routing: Partial<TrafficRoutingConfig>,
  rest: object = {},
): DeploymentConfig => ({
  BlueGreenUpdatePolicy: {
    TrafficRoutingConfiguration: { Type: 'ALL_AT_ONCE', WaitIntervalInSeconds: 0, ...routing },
    ...rest,
  },
});

const rolling = (MaximumBatchSize: CapacitySize): DeploymentConfig => ({
  RollingUpdatePolicy: { MaximumBatchSize, WaitIntervalInSeconds: 0 },
});

const refusals: [what: string, config: DeploymentConfig, message: string][] = [
  [
    'Two policies',
    { ...blueGreen({}), ...rolling(percent(10)) },
    'Both BlueGreenUpdatePolicy and RollingUpdatePolicy are specified. Please specify only one of them.',
  ],
  [
    'A canary without its size',
    blueGreen({ Type: 'CANARY' }),
    'CanarySize is needed where the traffic routing type is CANARY.',
  ],
  [
    'A canary’s size for linear steps',
    blueGreen({ Type: 'LINEAR', LinearStepSize: percent(10), CanarySize: percent(10) }),
    'CanarySize is only for the traffic routing type CANARY, and this is LINEAR.',
  ],
  [
    'A canary of more than half',
    blueGreen({ Type: 'CANARY', CanarySize: percent(51) }),
    "CanarySize must be at most 50% of the variant's total instance count, not 51%.",
  ],
  [
    'A canary of more than half of the instances',
    blueGreen({ Type: 'CANARY', CanarySize: count(3) }),
    "CanarySize must be at most 50% of the variant's total instance count, not 3 of 4.",
  ],
  [
    'A step of less than a tenth',
    blueGreen({ Type: 'LINEAR', LinearStepSize: percent(9) }),
    "LinearStepSize must be between 10% and 50% of the variant's total instance count, not 9%.",
  ],
  [
    'A batch of less than a twentieth',
    rolling(percent(4)),
    "MaximumBatchSize must be between 5% and 50% of the variant's total instance count, not 4%.",
  ],
  [
    'Waits that last longer than the whole may',
    blueGreen(
      { WaitIntervalInSeconds: 300 },
      { TerminationWaitInSeconds: 300, MaximumExecutionTimeoutInSeconds: 600 },
    ),
    'MaximumExecutionTimeoutInSeconds (600) must be larger than TerminationWaitInSeconds and WaitIntervalInSeconds together (600).',
  ],
];

test.each(refusals)('%s: UpdateEndpoint refuses it', async (_what, DeploymentConfig, message) => {
  expect(await refusal(update('e', { DeploymentConfig }))).toEqual(invalid(message));
});

test('A deployment config within the limits is accepted, and shown as the last one', async () => {
  const config = blueGreen({ Type: 'CANARY', CanarySize: count(2), WaitIntervalInSeconds: 60 });
  await update('accepting', { DeploymentConfig: config });
  expect(await lastOf('accepting')).toEqual(config);
});

test('An update keeps the last deployment config only where it is asked to', async () => {
  const config = rolling(percent(50));
  const again = (input: Parameters<typeof update>[1]) =>
    expect
      .poll(() =>
        update('retaining', input).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
  await again({ DeploymentConfig: config });
  await again({ RetainDeploymentConfig: true });
  expect(await lastOf('retaining')).toEqual(config);
  await again({});
  expect(await lastOf('retaining')).toBeUndefined();
});
