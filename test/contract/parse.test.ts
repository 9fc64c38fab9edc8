import { describe, expect, it } from 'vitest';
import { loadContract } from '../../src/contract/contract.js';
import { parseInput } from '../../src/contract/parse.js';
import { ServiceError } from '../../src/errors.js';
import { sampleContract } from './sample-contract.js';

const sagemaker = loadContract('sagemaker');
const parse = (operation: string, body: unknown) => parseInput(sagemaker, operation, body);

function refusalOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(ServiceError);
    expect(error).toMatchObject({ code: 'SerializationException', statusCode: 400 });
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}

describe('parseInput', () => {
  it('keeps modelled members and ignores the others, at any depth', () => {
    const body = {
      ModelName: 'm',
      Surprise: { deep: true },
      PrimaryContainer: { Image: 'i', Environment: { A: 'b' }, Novelty: 1 },
      Tags: [{ Key: 'k', Value: 'v', Other: 2 }],
    };
    expect(parse('CreateModel', body)).toEqual({
      ModelName: 'm',
      PrimaryContainer: { Image: 'i', Environment: { A: 'b' } },
      Tags: [{ Key: 'k', Value: 'v' }],
    });
  });

  it.each([null, undefined, {}])('takes %j for an input without members', (body) => {
    expect(parse('ListModels', body)).toEqual({});
  });

  it('takes null for absent, but keeps its place in a list and its key in a map', () => {
    expect(parse('CreateModel', { ModelName: null, Containers: [null, {}] })).toEqual({
      Containers: [null, {}],
    });
    expect(parse('CreateModel', { PrimaryContainer: { Environment: { A: null } } })).toEqual({
      PrimaryContainer: { Environment: { A: null } },
    });
  });

  it.each([
    [1529870369, '2018-06-24T19:59:29.000Z'],
    [1529870369.986, '2018-06-24T19:59:29.986Z'],
    ['2018-06-24T19:59:29.986Z', '2018-06-24T19:59:29.986Z'],
    ['2018-06-24T21:59:29+02:00', '2018-06-24T19:59:29.000Z'],
  ])('reads %j as a time', (sent, time) => {
    expect(parse('ListModels', { CreationTimeAfter: sent })).toEqual({
      CreationTimeAfter: new Date(time),
    });
  });

  it('reads base64 as bytes', () => {
    const contract = sampleContract();
    expect(parseInput(contract, 'Do', { Bytes: 'aGk=' })).toEqual({ Bytes: Buffer.from('hi') });
    expect(refusalOf(() => parseInput(contract, 'Do', { Bytes: 'not base64!' }))).toBe(
      'STRING_VALUE can not be converted to a Blob',
    );
  });

  it.each<[string, unknown, string]>([
    ['ListModels', { MaxResults: '5' }, 'STRING_VALUE can not be converted to an Integer'],
    ['ListModels', { MaxResults: 1.5 }, 'DECIMAL_VALUE can not be converted to an Integer'],
    ['ListModels', { MaxResults: 2 ** 31 }, 'NUMBER_VALUE can not be converted to an Integer'],
    ['ListModels', { NameContains: 5 }, 'NUMBER_VALUE can not be converted to a String'],
    ['ListModels', { NameContains: true }, 'TRUE_VALUE can not be converted to a String'],
    ['ListModels', { NameContains: ['a'] }, 'Start of list found where not expected'],
    ['ListModels', { NameContains: {} }, 'Start of structure or map found where not expected.'],
    ['ListModels', { CreationTimeAfter: '1' }, 'STRING_VALUE can not be converted to a Timestamp'],
    [
      'ListModels',
      { CreationTimeAfter: 1e300 },
      'NUMBER_VALUE can not be converted to a Timestamp',
    ],
    [
      'CreateModel',
      { EnableNetworkIsolation: 'true' },
      'STRING_VALUE can not be converted to a Boolean',
    ],
    ['CreateModel', { Tags: 'x' }, 'Expected list or null'],
    ['CreateModel', { Tags: {} }, 'Start of structure or map found where not expected.'],
    ['CreateModel', { Tags: ['x'] }, 'Expected map or null'],
    ['CreateModel', { PrimaryContainer: [] }, 'Start of list found where not expected'],
    [
      'CreateModel',
      { PrimaryContainer: { Environment: { A: 1 } } },
      'NUMBER_VALUE can not be converted to a String',
    ],
    ['CreateModel', [], 'Start of list found where not expected'],
    ['CreateModel', 'text', 'Expected map or null'],
  ])('refuses %s %j: %s', (operation, body, message) => {
    expect(refusalOf(() => parse(operation, body))).toBe(message);
  });

  it('takes the largest and the smallest integer, and a float for a float', () => {
    expect(parse('ListModels', { MaxResults: 2 ** 31 - 1 })).toEqual({ MaxResults: 2147483647 });
    expect(parse('ListModels', { MaxResults: -(2 ** 31) })).toEqual({ MaxResults: -2147483648 });
    const variants = [{ InitialVariantWeight: 0.25 }];
    expect(parse('CreateEndpointConfig', { ProductionVariants: variants })).toEqual({
      ProductionVariants: variants,
    });
  });

  it('lets no body change the prototype of anything', () => {
    const body = JSON.parse(
      '{"__proto__":{"ModelName":"x"},"PrimaryContainer":{"Environment":{"__proto__":"v","constructor":"c"}}}',
    );
    const input = parse('CreateModel', body) as {
      ModelName?: string;
      PrimaryContainer: { Environment: object };
    };
    expect(input.ModelName).toBeUndefined();
    const { Environment } = input.PrimaryContainer;
    expect(Object.entries(Environment)).toEqual([
      ['__proto__', 'v'],
      ['constructor', 'c'],
    ]);
    expect(Object.getPrototypeOf(Environment)).toBe(Object.prototype);
    expect(JSON.stringify(Environment)).toBe('{"__proto__":"v","constructor":"c"}');
  });

  it('reads a member only when the body has it itself', () => {
    const inherited = Object.create({ ModelName: 'inherited' });
    expect(parse('CreateModel', inherited)).toEqual({});
  });

  it.each([
    ['an unknown member', '{"X":', '}'],
    ['a list of tags', '{"Tags":', '}'],
  ])('is not overcome by 100,000 levels of nesting in %s', (_, before, after) => {
    const depth = 100_000;
    const body = JSON.parse(`${before}${'['.repeat(depth)}${']'.repeat(depth)}${after}`);
    const outcome =
      body.X === undefined
        ? refusalOf(() => parse('CreateModel', body))
        : parse('CreateModel', body);
    expect(outcome).toEqual(body.X === undefined ? 'Start of list found where not expected' : {});
  });
});
