import { expect, test } from 'vitest';
import { isEndpoint, isEndpointConfig, isModel } from '../../src/hosting/record-shapes.js';

const now = new Date(0);
const model = { ModelName: 'Mine', ModelArn: 'arn', CreationTime: now, Tags: [] };
const config = {
  EndpointConfigName: 'Mine',
  EndpointConfigArn: 'arn',
  CreationTime: now,
  Tags: [],
  ProductionVariants: [{ VariantName: 'v' }],
};
const deployment = {
  id: 'd',
  EndpointConfigName: 'Mine',
  startTime: now,
  variants: [
    { variant: { VariantName: 'v' }, container: { Image: 'i' }, instanceCount: 1, weight: 1 },
  ],
};
const endpoint = {
  EndpointName: 'Mine',
  EndpointArn: 'arn',
  EndpointStatus: 'InService',
  CreationTime: now,
  LastModifiedTime: now,
  Tags: [],
  deployment,
};

test('Records as they are written are known for what they are', () => {
  expect(isModel(model, 'mine')).toBe(true);
  expect(isEndpointConfig(config, 'mine')).toBe(true);
  expect(isEndpoint(endpoint, 'mine')).toBe(true);
  expect(isEndpoint({ ...endpoint, deployment: undefined, pending: deployment }, 'mine')).toBe(
    true,
  );
});

test.each([null, 1, 'text', [], {}, [model]])('%j is no record of any kind', (value) => {
  for (const is of [isModel, isEndpointConfig, isEndpoint]) expect(is(value, 'mine')).toBe(false);
});

test('A record in a file of another name is none', () => {
  expect(isModel(model, 'yours')).toBe(false);
  expect(isEndpoint(endpoint, 'yours')).toBe(false);
});

test.each([
  { EndpointStatus: undefined },
  { CreationTime: 'yesterday' },
  { CreationTime: new Date(Number.NaN) },
  { LastModifiedTime: 5 },
  { Tags: 'none' },
  { deployment: 'd' },
  { deployment: { ...deployment, id: 7 } },
  { deployment: { ...deployment, variants: undefined } },
  { pending: { ...deployment, variants: [{ variant: { VariantName: 'v' } }] } },
])('An endpoint with %j is damaged', (change) => {
  expect(isEndpoint({ ...endpoint, ...change }, 'mine')).toBe(false);
});
