import { describe, expect, it } from 'vitest';
import { loadContract } from '../../src/contract/contract.js';
import { validate, validationError } from '../../src/contract/validate.js';
import { sampleContract } from './sample-contract.js';

const sagemaker = loadContract('sagemaker');
const sample = sampleContract();

const messageFor = (operation: string, input: Record<string, unknown>) =>
  validationError(validate(sagemaker, operation, input)).message;
const constraintsOn = (input: Record<string, unknown>) =>
  validate(sample, 'Do', { Needed: 'x', ...input }).map(
    ({ path, constraint }) => `${path}: ${constraint}`,
  );

describe('each kind of constraint, just inside and just outside', () => {
  it.each<[string, unknown, unknown, string]>([
    ['Needed', '', null, 'needed: Member must not be null'],
    ['Needed', '', undefined, 'needed: Member must not be null'],
    ['Short', 'abcd', 'abcde', 'short: Member must have length less than or equal to 4'],
    ['Short', 'ab', 'a', 'short: Member must have length greater than or equal to 2'],
    ['Short', '😀😀😀😀', '😀😀😀😀😀', 'short: Member must have length less than or equal to 4'],
    ['Short', '😀😀', '😀', 'short: Member must have length greater than or equal to 2'],
    ['Count', 10, 11, 'count: Member must have value less than or equal to 10'],
    ['Count', 1, 0, 'count: Member must have value greater than or equal to 1'],
    ['Share', 0, -0.1, 'share: Member must have value greater than or equal to 0'],
    ['Letters', 'abc', 'abc1', 'letters: Member must satisfy regular expression pattern: ^[a-z]+'],
    ['Letters', 'a', '', 'letters: Member must satisfy regular expression pattern: ^[a-z]+'],
    ['Letters', 'a', 'a\n', 'letters: Member must satisfy regular expression pattern: ^[a-z]+'],
    ['Colour', 'red', 'Red', 'colour: Member must satisfy enum value set: [red, green]'],
    [
      'Items',
      [{ Id: 1 }, { Id: 2 }],
      [{ Id: 1 }, { Id: 2 }, { Id: 3 }],
      'items: Member must have length less than or equal to 2',
    ],
    ['Items', [{ Id: 1 }], [], 'items: Member must have length greater than or equal to 1'],
    ['Items', [{ Id: 1 }], [{}], 'items.1.member.id: Member must not be null'],
    ['Items', [{ Id: 1 }], [{ Id: 1 }, null], 'items.2.member: Member must not be null'],
    [
      'Names',
      ['ab'],
      ['ab', 'a'],
      'names: Member must satisfy constraint: [Member must have length less than or equal to 4, Member must have length greater than or equal to 2]',
    ],
    ['Names', [], ['ab', null], 'names.2.member: Member must not be null'],
    ['Table', { a: 1 }, { a: 1, b: 1 }, 'table: Member must have length less than or equal to 1'],
    [
      'Table',
      { a: 1 },
      { A: 1 },
      'table: Map keys must satisfy constraint: [Member must satisfy regular expression pattern: ^[a-z]+]',
    ],
    [
      'Table',
      { a: 10 },
      { a: 11 },
      'table: Map value must satisfy constraint: [Member must have value less than or equal to 10, Member must have value greater than or equal to 1]',
    ],
    ['Table', { a: 1 }, { a: null }, 'table.a.member: Member must not be null'],
    ['Records', { k: { Id: 1 } }, { k: {} }, 'records.k.member.id: Member must not be null'],
    ['Either', { Left: 'l' }, {}, 'either: Member must have exactly one member set'],
    [
      'Either',
      { Right: 'r' },
      { Left: 'l', Right: 'r' },
      'either: Member must have exactly one member set',
    ],
  ])('%s takes %j and refuses %j', (member, inside, outside, words) => {
    expect(constraintsOn({ [member]: inside })).toEqual([]);
    expect(constraintsOn({ [member]: outside })).toEqual([words]);
  });

  it('does not ask for the payload, which is a stream', () => {
    const runtime = loadContract('sagemaker-runtime');
    expect(validate(runtime, 'InvokeEndpoint', { EndpointName: 'e' })).toEqual([]);
  });

  it('says only that a text is too long when it is, and that an empty one is short and does not match', () => {
    expect(constraintsOn({ Code: '-'.repeat(9) })).toEqual([
      'code: Member must have length less than or equal to 8',
    ]);
    expect(constraintsOn({ Code: '' })).toEqual([
      'code: Member must have length greater than or equal to 1',
      'code: Member must satisfy regular expression pattern: ^[a-z]+',
    ]);
  });

  it('looks, in a list that is too long, at no more entries than it may have', () => {
    const start = performance.now();
    const Tags = Array(1_000_000).fill({ Key: '' });
    const paths = validate(sagemaker, 'AddTags', { ResourceArn: 'x', Tags }).map(
      ({ path }) => path,
    );
    expect(paths.slice(0, 3)).toEqual(['resourceArn', 'tags', 'tags.1.member.key']);
    expect(paths.at(-1)).toBe('tags.50.member.value');
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});

describe('the message of a validation error', () => {
  it('is, for one violation, that of the real service', () => {
    const input = {
      EndpointConfigName: 'c',
      ProductionVariants: [{ VariantName: 'v', ModelName: 'ENTER MODEL NAME' }],
    };
    expect(messageFor('CreateEndpointConfig', input)).toBe(
      "1 validation error detected: Value 'ENTER MODEL NAME' at 'productionVariants.1.member.modelName' failed to " +
        'satisfy constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9]([\\-a-zA-Z0-9]*[a-zA-Z0-9])?',
    );
  });

  it('counts and joins several, at every depth, in the order of the model', () => {
    const input = {
      ProductionVariants: [
        { VariantName: 'a', InitialInstanceCount: 0 },
        { VariantName: 'b_', InstanceType: 'ml.tiny', InitialVariantWeight: -1 },
      ],
      Tags: [{ Key: 'k' }],
    };
    const message = messageFor('CreateEndpointConfig', input);
    expect(message.replace(/set: \[ml\.[^\]]+\]/, 'set: […]').split('; ')).toEqual([
      "6 validation errors detected: Value null at 'endpointConfigName' failed to satisfy constraint: Member must not be null",
      "Value '0' at 'productionVariants.1.member.initialInstanceCount' failed to satisfy constraint: Member must have value greater than or equal to 1",
      "Value 'b_' at 'productionVariants.2.member.variantName' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}",
      "Value 'ml.tiny' at 'productionVariants.2.member.instanceType' failed to satisfy constraint: Member must satisfy enum value set: […]",
      "Value '-1' at 'productionVariants.2.member.initialVariantWeight' failed to satisfy constraint: Member must have value greater than or equal to 0",
      "Value null at 'tags.1.member.value' failed to satisfy constraint: Member must not be null",
    ]);
  });

  it('prints maps and lists as Java does', () => {
    const PrimaryContainer = { Environment: { 'MY-KEY': 'v', B: 'w' } };
    expect(messageFor('CreateModel', { ModelName: 'm', PrimaryContainer })).toContain(
      "Value '{MY-KEY=v, B=w}' at 'primaryContainer.environment' failed to satisfy constraint: Map keys must satisfy constraint: [",
    );
    expect(messageFor('DeleteTags', { ResourceArn: 'x', TagKeys: ['a', '#'] })).toContain(
      "Value '[a, #]' at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 128, ",
    );
    expect(messageFor('DeleteTags', { ResourceArn: 'x', TagKeys: [] })).toContain(
      "Value '[]' at 'tagKeys'",
    );
  });

  it('cuts a long value and spells out at most fifty violations', () => {
    const long = messageFor('DescribeModel', { ModelName: 'x'.repeat(100_000) });
    expect(long).toContain(`Value '${'x'.repeat(512)}…' at 'modelName'`);
    const Tags = Array(50).fill({ Key: '#' });
    const many = messageFor('AddTags', { ResourceArn: 'x', Tags });
    expect(many).toMatch(/^101 validation errors detected: /);
    expect(many.split('; ')).toHaveLength(50);
  });

  it('never prints a secret back', () => {
    const runtime = loadContract('sagemaker-runtime');
    const input = { EndpointName: 'e', CustomAttributes: 'é' };
    const error = validationError(validate(runtime, 'InvokeEndpoint', input), 'ValidationError');
    expect(error.message).toBe(
      "1 validation error detected: Value at 'customAttributes' failed to satisfy constraint: " +
        'Member must satisfy regular expression pattern: ^\\p{ASCII}*',
    );
  });

  it('has the code that the caller chose, and status 400', () => {
    const violations = validate(sagemaker, 'DescribeModel', {});
    expect(validationError(violations)).toMatchObject({
      code: 'ValidationException',
      statusCode: 400,
    });
    expect(validationError(violations, 'ValidationError').code).toBe('ValidationError');
  });
});

describe('file:// for model data', () => {
  const container = (members: object) => ({
    ModelName: 'm',
    PrimaryContainer: { Image: 'i', ...members },
  });
  const s3 = (S3Uri: string) => ({
    ModelDataSource: { S3DataSource: { S3Uri, S3DataType: 'S3Prefix', CompressionType: 'None' } },
  });

  it.each([
    's3://bucket/model.tar.gz',
    'https://s3.amazonaws.com/b/k',
    'file:///abs/path/to/dir',
    'file:///abs/path/model.tar.gz',
    'file://./relative',
  ])('takes %s', (url) => {
    expect(validate(sagemaker, 'CreateModel', container({ ModelDataUrl: url }))).toEqual([]);
    expect(validate(sagemaker, 'CreateModel', container(s3(url)))).toEqual([]);
  });

  it.each(['file://', 'ftp://x/y', '/abs/path', 'xfile:///a', 'file:///a\n'])(
    'refuses %j',
    (url) => {
      expect(validate(sagemaker, 'CreateModel', container({ ModelDataUrl: url }))).toHaveLength(1);
      expect(validate(sagemaker, 'CreateModel', container(s3(url)))).toHaveLength(1);
    },
  );

  it('is not taken for what the service writes', () => {
    const input = {
      EndpointConfigName: 'c',
      ProductionVariants: [{ VariantName: 'v', ModelName: 'm' }],
      AsyncInferenceConfig: { OutputConfig: { S3OutputPath: 'file:///tmp/out' } },
    };
    expect(validate(sagemaker, 'CreateEndpointConfig', input).map(({ path }) => path)).toEqual([
      'asyncInferenceConfig.outputConfig.s3OutputPath',
    ]);
  });
});
