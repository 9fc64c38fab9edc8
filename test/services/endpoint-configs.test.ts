import {
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DeleteEndpointConfigCommand,
  DeleteModelCommand,
  DescribeEndpointConfigCommand,
  type ProductionVariant,
} from '@aws-sdk/client-sagemaker';
import { beforeAll, expect, test } from 'vitest';
import { ARN, invalid, refusal, useControlDaemon } from '../support/control-daemon.js';

const control = useControlDaemon();

beforeAll(async () => {
  const PrimaryContainer = { Image: 'image' };
  await control.sagemaker.send(new CreateModelCommand({ ModelName: 'm', PrimaryContainer }));
  await control.sagemaker.send(
    new CreateModelCommand({
      ModelName: 'isolated',
      PrimaryContainer,
      EnableNetworkIsolation: true,
    }),
  );
});

const VARIANT: ProductionVariant = {
  VariantName: 'AllTraffic',
  ModelName: 'm',
  InstanceType: 'ml.m5.large',
  InitialInstanceCount: 1,
};

const create = (EndpointConfigName: string, variants: ProductionVariant[], rest: object = {}) =>
  control.sagemaker.send(
    new CreateEndpointConfigCommand({ EndpointConfigName, ProductionVariants: variants, ...rest }),
  );

const describe = (EndpointConfigName: string) =>
  control.sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName }));

test('A config is described as it was created, with the weight that the service fills in', async () => {
  const made = await create('Described', [VARIANT]);
  expect(made.EndpointConfigArn).toBe(`${ARN}:endpoint-config/described`);
  expect(await describe('Described')).toMatchObject({
    EndpointConfigName: 'Described',
    EndpointConfigArn: made.EndpointConfigArn,
    ProductionVariants: [{ ...VARIANT, InitialVariantWeight: 1 }],
    CreationTime: expect.any(Date),
  });
});

test('Ten variants are as many as a config has; an eleventh is refused', async () => {
  const variants = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ ...VARIANT, VariantName: `v${index}` }));
  await create('ten', variants(10));
  expect((await describe('ten')).ProductionVariants).toHaveLength(10);
  expect((await refusal(create('eleven', variants(11)))).message).toMatch(
    /^1 validation error detected: Value '.*' at 'productionVariants' failed to satisfy constraint: Member must have length less than or equal to 10$/,
  );
});

test('Network isolation is shown as off where nothing was said of it', async () => {
  await create('open', [VARIANT]);
  expect(await describe('open')).toMatchObject({ EnableNetworkIsolation: false });
});

test('A weight of zero is kept', async () => {
  await create('zero', [{ ...VARIANT, InitialVariantWeight: 0 }]);
  expect((await describe('zero')).ProductionVariants?.[0]?.InitialVariantWeight).toBe(0);
});

test('A config outlives its model', async () => {
  const PrimaryContainer = { Image: 'image' };
  await control.sagemaker.send(new CreateModelCommand({ ModelName: 'brief', PrimaryContainer }));
  await create('survivor', [{ ...VARIANT, ModelName: 'brief' }]);
  await control.sagemaker.send(new DeleteModelCommand({ ModelName: 'brief' }));
  expect((await describe('survivor')).ProductionVariants).toHaveLength(1);
});

test('A config that is not there can be neither described nor deleted', async () => {
  const refused = invalid(`Could not find endpoint configuration "${ARN}:endpoint-config/nobody".`);
  expect(await refusal(describe('nobody'))).toEqual(refused);
  const input = { EndpointConfigName: 'nobody' };
  const deletion = control.sagemaker.send(new DeleteEndpointConfigCommand(input));
  expect(await refusal(deletion)).toEqual(refused);
});

test('A deleted config is gone', async () => {
  await create('gone', [VARIANT]);
  const input = { EndpointConfigName: 'gone' };
  await control.sagemaker.send(new DeleteEndpointConfigCommand(input));
  expect((await refusal(describe('gone'))).message).toMatch(/^Could not find/);
});

test('A name that is taken is refused', async () => {
  await create('taken', [VARIANT]);
  expect(await refusal(create('Taken', [VARIANT]))).toEqual(
    invalid(
      `Cannot create already existing endpoint configuration "${ARN}:endpoint-config/taken".`,
    ),
  );
});

test('A model that is not there is refused', async () => {
  expect(await refusal(create('refused', [{ ...VARIANT, ModelName: 'nobody' }]))).toEqual(
    invalid(`Could not find model "${ARN}:model/nobody".`),
  );
});

test('All that breaks the service model is said at once', async () => {
  const variant = { ...VARIANT, ModelName: 'ENTER MODEL NAME', InitialInstanceCount: 0 };
  const { message } = await refusal(create('refused', [variant]));
  expect(message).toBe(
    "2 validation errors detected: Value 'ENTER MODEL NAME' at 'productionVariants.1.member.modelName' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9]([\\-a-zA-Z0-9]*[a-zA-Z0-9])?; Value '0' at 'productionVariants.1.member.initialInstanceCount' failed to satisfy constraint: Member must have value greater than or equal to 1",
  );
});

test('An instance type that AWS does not have is refused with those that it has', async () => {
  const variant = { ...VARIANT, InstanceType: 'local' as ProductionVariant['InstanceType'] };
  expect((await refusal(create('refused', [variant]))).message).toMatch(
    /^1 validation error detected: Value 'local' at 'productionVariants\.1\.member\.instanceType' failed to satisfy constraint: Member must satisfy enum value set: \[ml\..*, ml\..*\]$/,
  );
});

const ServerlessConfig = { MemorySizeInMB: 1024, MaxConcurrency: 1 };
const { InstanceType, InitialInstanceCount, ...BARE } = VARIANT;

const refusals: [what: string, variants: ProductionVariant[], rest: object, message: string][] = [
  [
    'Two variants of one name',
    [VARIANT, VARIANT],
    {},
    'The variant name "AllTraffic" was non-unique within the request.',
  ],
  [
    'Managed scaling without inference components',
    [{ ...VARIANT, ManagedInstanceScaling: { Status: 'ENABLED' } }],
    {},
    'ManagedInstanceScaling is only supported for inference component endpoints.',
  ],
  [
    'A serverless variant with instances',
    [{ ...VARIANT, ServerlessConfig }],
    {},
    'Variant "AllTraffic" has both a ServerlessConfig and an InstanceType or InitialInstanceCount. Please specify only one of them.',
  ],
  [
    'A variant with neither',
    [BARE],
    {},
    'Variant "AllTraffic" needs an InstanceType and an InitialInstanceCount, or a ServerlessConfig.',
  ],
  [
    'Serverless memory between two sizes',
    [{ ...BARE, ServerlessConfig: { MemorySizeInMB: 1536, MaxConcurrency: 1 } }],
    {},
    'MemorySizeInMB of variant "AllTraffic" must be one of 1024, 2048, 3072, 4096, 5120 and 6144, not 1536.',
  ],
  [
    'More concurrency provisioned than allowed',
    [{ ...BARE, ServerlessConfig: { ...ServerlessConfig, ProvisionedConcurrency: 2 } }],
    {},
    'ProvisionedConcurrency of variant "AllTraffic" (2) must be less than or equal to its MaxConcurrency (1).',
  ],
  [
    'A serverless variant beside another',
    [
      { ...BARE, ServerlessConfig },
      { ...VARIANT, VariantName: 'other' },
    ],
    {},
    'Variant "AllTraffic" is serverless, which does not go together with several production variants.',
  ],
  [
    'A serverless variant whose data are to be captured',
    [{ ...BARE, ServerlessConfig }],
    {
      DataCaptureConfig: {
        InitialSamplingPercentage: 1,
        DestinationS3Uri: 's3://b/k',
        CaptureOptions: [{ CaptureMode: 'Input' }],
      },
    },
    'Variant "AllTraffic" is serverless, which does not go together with DataCaptureConfig.',
  ],
  [
    'A serverless variant of an isolated model',
    [{ ...BARE, ModelName: 'isolated', ServerlessConfig }],
    {},
    'Variant "AllTraffic" is serverless, which does not go together with EnableNetworkIsolation.',
  ],
  [
    'Elastic Inference',
    [{ ...VARIANT, AcceleratorType: 'ml.eia1.medium' }],
    {},
    'smlocal does not serve AcceleratorType (Elastic Inference, which AWS has ended). See "What differs from SageMaker" in its README.',
  ],
  [
    'Asynchronous inference',
    [VARIANT],
    { AsyncInferenceConfig: { OutputConfig: { S3OutputPath: 's3://b/k' } } },
    'smlocal does not serve AsyncInferenceConfig (asynchronous inference). See "What differs from SageMaker" in its README.',
  ],
  [
    'A shadow variant',
    [VARIANT],
    { ShadowProductionVariants: [{ ...VARIANT, VariantName: 'shadow' }] },
    'smlocal does not serve ShadowProductionVariants (shadow tests). See "What differs from SageMaker" in its README.',
  ],
];

test.each(refusals)('%s: refused', async (_what, variants, rest, message) => {
  expect(await refusal(create('refused', variants, rest))).toEqual(invalid(message));
});

test('A serverless variant is accepted', async () => {
  await create('serverless', [{ ...BARE, ServerlessConfig }]);
  expect((await describe('serverless')).ProductionVariants?.[0]).toMatchObject({
    ServerlessConfig,
  });
});
