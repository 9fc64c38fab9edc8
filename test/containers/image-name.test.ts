import { expect, test } from 'vitest';
import { ecrRegistry, isImageId, parseImageName } from '../../src/containers/image-name.js';
import { matchesPlatform } from '../../src/containers/platform.js';

const DIGEST = `sha256:${'0a'.repeat(32)}`;

test.each([
  ['debian', 'docker.io', 'debian', undefined, undefined],
  ['library/debian:12', 'docker.io', 'library/debian', '12', undefined],
  ['localhost/x', 'localhost', 'localhost/x', undefined, undefined],
  ['127.0.0.1:5000/a/b:c', '127.0.0.1:5000', '127.0.0.1:5000/a/b', 'c', undefined],
  [`ghcr.io/a/b:c@${DIGEST}`, 'ghcr.io', 'ghcr.io/a/b', 'c', DIGEST],
])('%s is taken apart as Docker does it', (reference, registry, repository, tag, digest) => {
  expect(parseImageName(reference)).toEqual({ reference, registry, repository, tag, digest });
});

test.each([
  '',
  'Ranker',
  'ghcr.io/Ranker:1',
  'a b',
  '../x',
  'x?y=1',
  'x:',
  'x@sha256:1',
  'a'.repeat(600),
])('%j is not the name of an image', (reference) => {
  expect(parseImageName(reference)).toBeUndefined();
});

test('An image id is told from a name', () => {
  expect(isImageId(DIGEST)).toBe(true);
  expect(isImageId('debian')).toBe(false);
});

test.each([
  [
    '123456789012.dkr.ecr.eu-west-1.amazonaws.com',
    'eu-west-1',
    'https://api.ecr.eu-west-1.amazonaws.com',
  ],
  [
    '123456789012.dkr.ecr-fips.us-east-1.amazonaws.com',
    'us-east-1',
    'https://ecr-fips.us-east-1.amazonaws.com',
  ],
  [
    '123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn',
    'cn-north-1',
    'https://api.ecr.cn-north-1.amazonaws.com.cn',
  ],
  ['123456789012.dkr-ecr.eu-west-1.on.aws', 'eu-west-1', 'https://api.ecr.eu-west-1.amazonaws.com'],
])('%s is an ECR registry whose tokens come from %s', (host, region, endpoint) => {
  expect(ecrRegistry(host)).toEqual({ region, endpoint });
});

test.each([
  'docker.io',
  '127.0.0.1:5000',
  'x.dkr.ecr.eu-west-1.amazonaws.com',
  '123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.org',
])('%s is not an ECR registry', (host) => {
  expect(ecrRegistry(host)).toBeUndefined();
});

test('Platforms are compared by system and architecture, under any of their names', () => {
  const image = { Os: 'linux', Architecture: 'arm64' };
  expect(matchesPlatform(image, undefined)).toBe(true);
  expect(matchesPlatform(image, 'linux/arm64/v8')).toBe(true);
  expect(matchesPlatform(image, 'linux/aarch64')).toBe(true);
  expect(matchesPlatform(image, 'arm64')).toBe(true);
  expect(matchesPlatform(image, 'linux/amd64')).toBe(false);
});
