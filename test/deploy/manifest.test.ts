import { expect, test } from 'vitest';
import type { EndpointSettings } from '../../src/config/config.js';
import { loadContract } from '../../src/contract/contract.js';
import { parseInput } from '../../src/contract/parse.js';
import { validate } from '../../src/contract/validate.js';
import { locally } from '../../src/deploy/locally.js';
import { manifestOf } from '../../src/deploy/manifest.js';
import { settingsOf } from './settings.js';

const ACCOUNT = '000000000000';

const namesOf = (change: Partial<EndpointSettings> = {}) => {
  const { model, endpointConfig } = manifestOf(settingsOf(change), ACCOUNT);
  return [model.ModelName, endpointConfig.EndpointConfigName];
};

test('The same settings always give the same names', () => {
  expect(namesOf()).toEqual(namesOf());
  expect(namesOf()).toEqual([
    expect.stringMatching(/^ranker-model-[0-9a-f]{8}$/),
    expect.stringMatching(/^ranker-[0-9a-f]{8}$/),
  ]);
});

test('The order in which the environment is written changes no name', () => {
  expect(namesOf({ environment: { A: '1', B: '2' } })).toEqual(
    namesOf({ environment: { B: '2', A: '1' } }),
  );
});

const modelChanges: Partial<EndpointSettings>[] = [
  { image: 'other' },
  { environment: { A: '1' } },
  { modelDataUrl: 'file:///srv/model.tar.gz' },
  { sourceDirectory: '/srv/src' },
  { entryPoint: 'serve.py' },
  { roleName: 'Role' },
  { multiModel: { cacheSetting: 'Enabled' } },
];

test.each(modelChanges)('Another model has other names: %j', (change) => {
  const [model, config] = namesOf();
  const [otherModel, otherConfig] = namesOf(change);
  expect(otherModel).not.toBe(model);
  expect(otherConfig).not.toBe(config);
});

test.each([{ instanceCount: 2 }, { instanceType: 'ml.t2.medium' }, { startupTimeoutSeconds: 60 }])(
  'Another variant of the same model has another config name only: %j',
  (change) => {
    const [model, config] = namesOf();
    const variants = settingsOf().variants.map((one) => ({ ...one, ...change }));
    const [otherModel, otherConfig] = namesOf({ variants });
    expect(otherModel).toBe(model);
    expect(otherConfig).not.toBe(config);
  },
);

test('The longest name there may be leaves room for the digest', () => {
  const long = 'x'.repeat(63);
  for (const name of namesOf({ endpointName: long, modelName: long })) {
    expect(name).toHaveLength(63);
  }
});

test('What it makes keeps to AWS’s service model', () => {
  const settings = settingsOf({
    modelDataUrl: 's3://bucket/model.tar.gz',
    sourceDirectory: '/srv/my src',
    entryPoint: 'inference.py',
    environment: { LEVEL: '1' },
    roleName: 'AmazonSageMakerFullAccess',
    tags: { team: 'search' },
  });
  const { model, endpointConfig } = manifestOf(settings, ACCOUNT);
  const contract = loadContract('sagemaker');
  for (const [operation, input] of Object.entries({
    CreateModel: model,
    CreateEndpointConfig: endpointConfig,
  })) {
    const sent = parseInput(contract, operation, JSON.parse(JSON.stringify(input)));
    expect(validate(contract, operation, sent)).toEqual([]);
  }
  expect(model).toMatchObject({
    ExecutionRoleArn: `arn:aws:iam::${ACCOUNT}:role/AmazonSageMakerFullAccess`,
    PrimaryContainer: {
      Environment: {
        LEVEL: '1',
        SAGEMAKER_PROGRAM: 'inference.py',
        SAGEMAKER_SUBMIT_DIRECTORY: 'file:///srv/my%20src',
      },
    },
  });
});

test('What is asked of reloads and of debugging travels in the environment, and an ordinary endpoint has neither', () => {
  const environmentOf = (change: Partial<EndpointSettings>) =>
    manifestOf(settingsOf({ environment: {}, ...change }), ACCOUNT).model.PrimaryContainer
      ?.Environment ?? {};
  const ordinary = Object.keys(environmentOf({ reload: 'beside' }));
  expect(ordinary.filter((name) => name.startsWith('SMLOCAL_'))).toEqual([]);
  expect(environmentOf({ reload: 'restart' })).toMatchObject({ SMLOCAL_RELOAD: 'restart' });
  expect(environmentOf({ debug: true })).toMatchObject({ SMLOCAL_DEBUG: 'true' });
});

const WIDE: Partial<EndpointSettings> = {
  roleName: 'Role',
  modelDataUrl: 's3://bucket/model.tar.gz',
  variants: [
    { name: 'a', weight: 3, instanceType: 'local', instanceCount: 2 },
    { name: 'b', weight: 1, instanceType: 'local_gpu', instanceCount: 1 },
    {
      name: 'c',
      weight: 0,
      serverless: { memory_size_in_mb: 2048, max_concurrency: 5, provisioned_concurrency: 2 },
    },
  ],
  async: {
    s3_output_path: 's3://bucket/out',
    max_concurrent_invocations_per_instance: 4,
    success_topic: `arn:aws:sns:eu-west-1:${ACCOUNT}:done`,
  },
  dataCapture: { destination_s3_uri: 's3://bucket/captured', sampling_percentage: 20 },
  vpc: { subnets: ['subnet-1'], security_group_ids: ['sg-1'] },
  kmsKey: 'alias/key',
};

test('All that config.yml can say of an endpoint is in its manifest, in AWS’s words', () => {
  const { model, endpointConfig } = manifestOf(settingsOf(WIDE), ACCOUNT);
  const contract = loadContract('sagemaker');
  for (const [operation, input] of Object.entries({
    CreateModel: model,
    CreateEndpointConfig: endpointConfig,
  })) {
    const sent = parseInput(contract, operation, JSON.parse(JSON.stringify(input)));
    expect(validate(contract, operation, sent)).toEqual([]);
  }
  expect(model).toMatchObject({ VpcConfig: { Subnets: ['subnet-1'], SecurityGroupIds: ['sg-1'] } });
  expect(endpointConfig).toMatchObject({
    ProductionVariants: [
      { VariantName: 'a', InitialInstanceCount: 2, InitialVariantWeight: 3 },
      { VariantName: 'b', InstanceType: 'ml.g4dn.xlarge' },
      { VariantName: 'c', ServerlessConfig: { MemorySizeInMB: 2048, ProvisionedConcurrency: 2 } },
    ],
    AsyncInferenceConfig: {
      OutputConfig: { S3OutputPath: 's3://bucket/out' },
      ClientConfig: { MaxConcurrentInvocationsPerInstance: 4 },
    },
    DataCaptureConfig: {
      InitialSamplingPercentage: 20,
      CaptureOptions: [{ CaptureMode: 'Input' }, { CaptureMode: 'Output' }],
      CaptureContentTypeHeader: {
        ...{ CsvContentTypes: ['text/csv'], JsonContentTypes: ['application/json'] },
      },
    },
    KmsKeyId: 'alias/key',
  });
  expect(endpointConfig.ProductionVariants?.[2]).not.toHaveProperty('InstanceType');
});

test.each(Object.keys(WIDE).filter((key) => key !== 'vpc'))(
  'Another %s is another config',
  (key) => {
    const change = { [key]: WIDE[key as keyof EndpointSettings] };
    expect(namesOf(change)[1]).not.toBe(namesOf()[1]);
  },
);

test('smlocal is sent what it serves, and what is otherwise here is told, each thing in a line', () => {
  const { settings, notes } = locally(settingsOf(WIDE));
  expect(manifestOf(settings, ACCOUNT).endpointConfig).not.toHaveProperty('AsyncInferenceConfig');
  expect(manifestOf(settings, ACCOUNT).endpointConfig).toHaveProperty('DataCaptureConfig');
  for (const word of ['async', 'vpc', 'kms_key', 'local_gpu', 'serverless']) {
    expect(notes.filter((note) => note.startsWith(word))).toHaveLength(1);
  }
  expect(locally(settingsOf()).notes).toEqual([]);
});
