import { expect, test } from 'vitest';
import { makeDeployment, redeployment, withResolvedImages } from '../../src/hosting/deployment.js';
import type { EndpointConfigRecord, ModelRecord } from '../../src/hosting/records.js';
import { deploymentOf, LONG_AGO, variantOf } from './records.js';

const model = (change: Partial<ModelRecord> = {}): ModelRecord => ({
  ModelName: 'm',
  ModelArn: 'arn:m',
  CreationTime: LONG_AGO,
  Tags: [],
  PrimaryContainer: { Image: 'image' },
  ...change,
});

const config = (change: Partial<EndpointConfigRecord> = {}): EndpointConfigRecord => ({
  EndpointConfigName: 'c',
  EndpointConfigArn: 'arn:c',
  CreationTime: LONG_AGO,
  Tags: [],
  ProductionVariants: [{ VariantName: 'v', ModelName: 'm', InitialInstanceCount: 3 }],
  ...change,
});

const NOW = new Date('2026-02-02T00:00:00Z');

test('A deployment is a copy of its config and models, with the counts and weights that they ask for', () => {
  const made = makeDeployment(config(), () => model(), 'CreateEndpoint', NOW);
  expect(made).toMatchObject({
    EndpointConfigName: 'c',
    startTime: NOW,
    cause: 'CreateEndpoint',
    variants: [{ container: { Image: 'image' }, instanceCount: 3, weight: 1 }],
  });
});

test('A weight of zero is kept, and a serverless variant is one container', () => {
  const ProductionVariants = [
    {
      VariantName: 'v',
      ModelName: 'm',
      InitialVariantWeight: 0,
      ServerlessConfig: { MemorySizeInMB: 1024, MaxConcurrency: 5 },
    },
  ];
  const { variants } = makeDeployment(config({ ProductionVariants }), () => model(), 'x', NOW);
  expect(variants[0]).toMatchObject({ weight: 0, instanceCount: 1 });
});

test('A model that is gone ends it with the service’s error', () => {
  const gone = () => {
    throw new Error('Could not find model');
  };
  expect(() => makeDeployment(config(), gone, 'x', NOW)).toThrow('Could not find model');
});

test('A model of one container in Containers is as good as one in PrimaryContainer', () => {
  const Containers = [{ Image: 'other' }];
  const only = model({ PrimaryContainer: undefined, Containers });
  const { variants } = makeDeployment(config(), () => only, 'x', NOW);
  expect(variants[0]?.container.Image).toBe('other');
});

test('A redeployment is the same under another id, with its own cause', () => {
  const before = deploymentOf('d1');
  const after = redeployment(before, 'inference.py changed', NOW);
  expect(after.id).not.toBe('d1');
  expect({ ...after, id: 'd1' }).toEqual({
    ...before,
    cause: 'inference.py changed',
    startTime: NOW,
  });
});

test('A resolved image is recorded on its variant alone', () => {
  const variants = [
    variantOf({ variant: { VariantName: 'a' } }),
    variantOf({ variant: { VariantName: 'b' } }),
  ];
  const resolved = withResolvedImages(
    deploymentOf('d', { variants }),
    new Map([['b', 'image@sha256:1']]),
    NOW,
  );
  expect(resolved.variants).toEqual([
    variants[0],
    { ...variants[1], resolvedImage: 'image@sha256:1', resolutionTime: NOW },
  ]);
});
