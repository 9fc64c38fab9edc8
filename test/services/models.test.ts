import {
  type ContainerDefinition,
  CreateModelCommand,
  DeleteModelCommand,
  DescribeModelCommand,
} from '@aws-sdk/client-sagemaker';
import { expect, test } from 'vitest';
import { ACCOUNT, ARN, invalid, refusal, useControlDaemon } from '../support/control-daemon.js';

const control = useControlDaemon();

const create = (ModelName: string, rest: object = { PrimaryContainer: { Image: 'image' } }) =>
  control.sagemaker.send(new CreateModelCommand({ ModelName, ...rest }));

const describe = (ModelName: string) =>
  control.sagemaker.send(new DescribeModelCommand({ ModelName }));

test('A model is described as it was created', async () => {
  const ExecutionRoleArn = `arn:aws:iam::${ACCOUNT}:role/MyRole`;
  const PrimaryContainer = { Image: 'image:1', Environment: { KEY: 'value' } };
  const before = Date.now();
  const made = await create('Described', { PrimaryContainer, ExecutionRoleArn });
  expect(made.ModelArn).toBe(`${ARN}:model/described`);
  const { CreationTime, $metadata, ...model } = await describe('Described');
  expect(model).toEqual({
    ModelName: 'Described',
    ModelArn: made.ModelArn,
    ExecutionRoleArn,
    PrimaryContainer: { ...PrimaryContainer, Mode: 'SingleModel' },
    EnableNetworkIsolation: false,
  });
  expect(CreationTime?.getTime()).toBeGreaterThanOrEqual(before - 1);
  expect($metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
});

test('A deleted model is gone, and its name is free again', async () => {
  await create('short-lived');
  await control.sagemaker.send(new DeleteModelCommand({ ModelName: 'short-lived' }));
  expect(await refusal(describe('short-lived'))).toEqual(
    invalid(`Could not find model "${ARN}:model/short-lived".`),
  );
  await create('short-lived');
});

test('A model that is not there can be neither described nor deleted', async () => {
  const refused = invalid(`Could not find model "${ARN}:model/nobody".`);
  expect(await refusal(describe('nobody'))).toEqual(refused);
  const deletion = control.sagemaker.send(new DeleteModelCommand({ ModelName: 'nobody' }));
  expect(await refusal(deletion)).toEqual(refused);
});

test('A name that is taken is refused, also in other letters, for its ARN would be the same', async () => {
  await create('Taken');
  const refused = invalid(`Cannot create already existing model "${ARN}:model/taken".`);
  expect(await refusal(create('Taken'))).toEqual(refused);
  expect(await refusal(create('TAKEN'))).toEqual(refused);
});

test('A model is found by its exact name only', async () => {
  await create('Exact');
  expect(await refusal(describe('exact'))).toEqual(
    invalid(`Could not find model "${ARN}:model/exact".`),
  );
});

test('Of twenty calls for one name at once, one makes the model', async () => {
  const calls = Array.from({ length: 20 }, () => create('raced'));
  const outcomes = await Promise.allSettled(calls);
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('A name that breaks the pattern is refused in the framework’s words', async () => {
  expect(await refusal(create('no_underscores'))).toEqual(
    invalid(
      "1 validation error detected: Value 'no_underscores' at 'modelName' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9]([\\-a-zA-Z0-9]*[a-zA-Z0-9])?",
    ),
  );
});

const refusals: [what: string, input: object, message: string][] = [
  [
    'Both PrimaryContainer and Containers',
    { PrimaryContainer: { Image: 'i' }, Containers: [{ Image: 'i' }] },
    'Both PrimaryContainer and Containers are specified. Please specify only one of them.',
  ],
  [
    'Neither of them',
    {},
    'Neither PrimaryContainer nor Containers is specified. Please specify one of them.',
  ],
  [
    'An object that is not there',
    container({ ModelDataUrl: 's3://bucket/key' }),
    'Could not find model data at s3://bucket/key.',
  ],
  [
    'A file that is not there',
    container({ ModelDataUrl: 'file:///nowhere/model.tar.gz' }),
    'Could not find model data at file:///nowhere/model.tar.gz.',
  ],
  [
    'An S3 prefix without its slash',
    container({
      ModelDataSource: {
        S3DataSource: { S3Uri: 's3://b/p', S3DataType: 'S3Prefix', CompressionType: 'None' },
      },
    }),
    'S3Uri "s3://b/p" must end with a forward slash where S3DataType is S3Prefix.',
  ],
  [
    'Several containers',
    { Containers: [{ Image: 'a' }, { Image: 'b' }] },
    notServed('Containers', 'models of several containers'),
  ],
  [
    'A container for several models without their prefix',
    container({ Mode: 'MultiModel' }),
    'ModelDataUrl is required where Mode is MultiModel: the prefix of the archives.',
  ],
  [
    'A container for several models with a data source',
    container({
      Mode: 'MultiModel',
      ModelDataSource: {
        S3DataSource: { S3Uri: 's3://b/p/', S3DataType: 'S3Prefix', CompressionType: 'None' },
      },
    }),
    'ModelDataSource is not supported where Mode is MultiModel. Use ModelDataUrl.',
  ],
  [
    'A prefix under which there is nothing',
    container({ Mode: 'MultiModel', ModelDataUrl: 's3://bucket/models' }),
    'Could not find model data at s3://bucket/models/.',
  ],
  [
    'A folder of this machine as the code of several models',
    container({
      Mode: 'MultiModel',
      ModelDataUrl: 's3://bucket/models/',
      Environment: { SAGEMAKER_SUBMIT_DIRECTORY: 'file:///code' },
    }),
    'SAGEMAKER_SUBMIT_DIRECTORY cannot be a folder of this machine where Mode is MultiModel: each archive has its own code.',
  ],
  [
    'An environment of more than 32 KB',
    container({
      Environment: Object.fromEntries(
        Array.from({ length: 33 }, (_, index) => [`K${index}`, 'x'.repeat(1024)]),
      ),
    }),
    'Environment has 33881 bytes of keys and values; at most 32768 are allowed.',
  ],
  [
    'A container without an image',
    { PrimaryContainer: {} },
    'A container definition must have an Image or a ModelPackageName.',
  ],
];

test.each(refusals)('%s: CreateModel refuses it by name', async (_what, input, message) => {
  expect(await refusal(create('refused', input))).toEqual(invalid(message));
});

function container(rest: Partial<ContainerDefinition>) {
  return { PrimaryContainer: { Image: 'image', ...rest } };
}

function notServed(member: string, what: string): string {
  return `smlocal does not serve ${member} (${what}). See "What differs from SageMaker" in its README.`;
}
