import { expect, test } from 'vitest';
import { manifestOf } from '../../src/deploy/manifest.js';
import { type Facts, planDeploy } from '../../src/deploy/plan.js';
import { superseded } from '../../src/deploy/versions.js';
import { settingsOf } from './settings.js';

const manifest = manifestOf(settingsOf(), '123456789012');
const wanted = manifest.endpointConfig.EndpointConfigName;

/** Everything is right. */
const RIGHT: Facts = {
  manifest,
  package: {
    at: { bucket: 'b', key: 'k/model.tar.gz' },
    bytes: 9,
    bucket: 'there',
    isUploaded: true,
  },
  image: {
    local: 'image',
    repository: 'image',
    target: 'host/image:t',
    hasRepository: true,
    isPushed: true,
  },
  hasModel: true,
  hasEndpointConfig: true,
  endpoint: { status: 'InService', configName: wanted, isSettled: true, missingTags: [] },
  superseded: { configs: [], models: [], dataUrls: [] },
  abandoned: [],
  arrived: [],
};

const callsOf = (change: Partial<Facts>) =>
  planDeploy({ ...RIGHT, ...change }).steps.map(({ call }) => call.replace(/^\w+:/, ''));

const endpointOf = (change: object) => ({
  endpoint: {
    status: 'InService',
    configName: wanted,
    isSettled: true,
    missingTags: [],
    ...change,
  },
});

test('Where everything is right nothing is done, and each thing is said to be right', () => {
  expect(planDeploy(RIGHT)).toEqual({ steps: [], right: expect.any(Array) });
  expect(planDeploy(RIGHT).right).toHaveLength(5);
});

test('Every step has a reason', () => {
  const { steps } = planDeploy({
    ...RIGHT,
    hasModel: false,
    hasEndpointConfig: false,
    endpoint: undefined,
  });
  expect(steps.length).toBeGreaterThan(3);
  for (const { why } of steps) expect(why).not.toBe('');
});

test.each<[string, Partial<Facts>, string[]]>([
  ['no endpoint is there', { endpoint: undefined }, ['CreateEndpoint', 'DescribeEndpoint']],
  [
    'it serves another config',
    endpointOf({ configName: 'old' }),
    ['UpdateEndpoint', 'DescribeEndpoint'],
  ],
  [
    'it is on its way to another',
    endpointOf({ status: 'Updating', configName: 'old', isSettled: false }),
    ['DescribeEndpoint', 'UpdateEndpoint', 'DescribeEndpoint'],
  ],
  [
    'it is on its way to the wanted one',
    endpointOf({ status: 'Updating', isSettled: false }),
    ['DescribeEndpoint'],
  ],
  [
    'it has failed',
    endpointOf({ status: 'Failed' }),
    ['DeleteEndpoint', 'CreateEndpoint', 'DescribeEndpoint'],
  ],
  [
    'it is being deleted',
    endpointOf({ status: 'Deleting', isSettled: false }),
    ['DescribeEndpoint', 'CreateEndpoint', 'DescribeEndpoint'],
  ],
  ['a tag is missing', endpointOf({ missingTags: ['team'] }), ['AddTags']],
  ['no model is there', { hasModel: false }, ['CreateModel']],
  [
    'the bucket is missing',
    { package: { ...RIGHT.package, bucket: 'absent', isUploaded: false } as Facts['package'] },
    ['CreateBucket', 'PutObject'],
  ],
  [
    'the package has several parts',
    { package: { ...RIGHT.package, bytes: 20_000_000, isUploaded: false } as Facts['package'] },
    ['CreateMultipartUpload with 3 × s3:UploadPart'],
  ],
  [
    'the image is on this machine only',
    { image: { ...RIGHT.image, hasRepository: false, isPushed: false } as Facts['image'] },
    ['CreateRepository', 'PutImage'],
  ],
  [
    'there are earlier versions',
    { superseded: { configs: ['c'], models: ['m'], dataUrls: ['s3://b/o'] } },
    ['DeleteEndpointConfig', 'DeleteObject', 'DeleteModel'],
  ],
  [
    'an upload was given up',
    { abandoned: [{ bucket: 'b', key: 'old', uploadId: 'u' }] },
    ['AbortMultipartUpload'],
  ],
])('Only what is needed is done where %s', (_, change, calls) => {
  expect(callsOf(change)).toEqual(calls);
});

const config = (name: string, createdAt: number, ...models: string[]) => ({
  name,
  createdAt,
  models,
});
const model = (name: string, ...dataUrls: string[]) => ({ name, dataUrls });

const OWNED = {
  configs: [
    config('c1', 1, 'm1'),
    config('c2', 2, 'm2'),
    config('c3', 3, 'm2'),
    config('c4', 4, 'm4'),
  ],
  models: [
    model('m1', 's3://1'),
    model('m2', 's3://2'),
    model('m4', 's3://2'),
    model('m5', 's3://5'),
  ],
};
const NEW = { config: 'c4', models: ['m4'], dataUrls: ['s3://2'] };

test('The newest earlier versions stay, with their models and data', () => {
  expect(superseded(OWNED, NEW, 'c4', 1)).toEqual({
    configs: ['c2', 'c1'],
    models: ['m1', 'm5'],
    dataUrls: ['s3://1', 's3://5'],
  });
});

test('What serves now stays before what is newer and never served', () => {
  expect(superseded(OWNED, NEW, 'c1', 1)).toEqual({
    configs: ['c3', 'c2'],
    models: ['m2', 'm5'],
    dataUrls: ['s3://5'],
  });
});

test('With none kept, only the wanted version and its data stay', () => {
  expect(superseded(OWNED, NEW, 'c3', 0)).toEqual({
    configs: ['c3', 'c2', 'c1'],
    models: ['m1', 'm2', 'm5'],
    dataUrls: ['s3://1', 's3://5'],
  });
});
