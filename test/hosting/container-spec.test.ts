import { expect, test } from 'vitest';
import {
  containerEnvironment,
  containerSpec,
  sourceDirectoryOf,
} from '../../src/hosting/container-spec.js';

const image = {
  reference: 'image:1',
  id: 'sha256:1',
  resolved: 'image@sha256:1',
  labels: {},
  environment: {},
  architecture: 'amd64',
};

const environment = (own: Record<string, string>, labels: Record<string, string> = {}) =>
  containerEnvironment({ Image: 'image:1', Environment: own }, { ...image, labels }, 'eu-west-1');

test('The platform gives the container its region', () => {
  expect(environment({})).toEqual({ AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'eu-west-1' });
});

test('The model’s own environment wins over the platform’s', () => {
  expect(environment({ AWS_REGION: 'mine', EXTRA: 'x' })).toEqual({
    AWS_REGION: 'mine',
    AWS_DEFAULT_REGION: 'eu-west-1',
    EXTRA: 'x',
  });
});

test('An image that says it can bind to a port is told which', () => {
  const label = { 'com.amazonaws.sagemaker.capabilities.accept-bind-to-port': 'true' };
  expect(environment({}, label)).toMatchObject({
    SAGEMAKER_BIND_TO_PORT: '8080',
    SAGEMAKER_SAFE_PORT_RANGE: expect.any(String),
  });
});

test('A local handler folder is shown in the container where the toolkits look', () => {
  const own = { SAGEMAKER_SUBMIT_DIRECTORY: 'file:///home/me/my%20code' };
  expect(sourceDirectoryOf({ Image: 'i', Environment: own })).toBe('/home/me/my code');
  expect(environment(own).SAGEMAKER_SUBMIT_DIRECTORY).toBe('/opt/ml/model/code');
});

test('A submit directory of the container’s own, or in S3, is left as it is', () => {
  for (const directory of ['/opt/ml/code', 's3://bucket/code.tar.gz']) {
    const own = { SAGEMAKER_SUBMIT_DIRECTORY: directory };
    expect(sourceDirectoryOf({ Image: 'i', Environment: own })).toBeUndefined();
    expect(environment(own).SAGEMAKER_SUBMIT_DIRECTORY).toBe(directory);
  }
});

test('A container is run with "serve" on port 8080, under labels by which it is found again', () => {
  const spec = containerSpec({
    stateId: 's1',
    endpointName: 'e',
    key: { deploymentId: 'd1', variantName: 'v', instance: 2 },
    container: { Image: 'image:1' },
    image,
    mounts: [],
    region: 'eu-west-1',
    platform: 'linux/amd64',
  });
  expect(spec).toMatchObject({
    name: 'smlocal-e-v-2-d1',
    image: 'image:1',
    command: ['serve'],
    containerPort: 8080,
    platform: 'linux/amd64',
    labels: { 'smlocal.endpoint': 'e', 'smlocal.deployment': 'd1', 'smlocal.instance': '2' },
  });
});
