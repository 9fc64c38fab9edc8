import { expect, test } from 'vitest';
import { parseImageName } from '../../src/containers/image-name.js';
import { PullRefused } from '../../src/containers/pull.js';
import { asPullError, pullFailure } from '../../src/containers/pull-errors.js';

/** What engines and registries say, word for word; those of other registries than our own cannot be had in a test. */
test.each([
  [
    'not-found',
    "pull access denied for nosuch, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
  ],
  ['not-found', 'manifest for 127.0.0.1:5000/x:v2 not found: manifest unknown: manifest unknown'],
  [
    'not-found',
    'name unknown: The repository with name x does not exist in the registry with id 123456789012',
  ],
  [
    'not-found',
    'failed to resolve reference "docker.io/library/x:9": docker.io/library/x:9: not found',
  ],
  [
    'no-access',
    'Head "https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/v2/x/manifests/1": no basic auth credentials',
  ],
  ['no-access', 'denied: Your authorization token has expired. Reauthenticate and try again.'],
  ['no-access', 'unauthorized: authentication required'],
  [
    'no-access',
    'pulling from host ghcr.io failed with status code [manifests latest]: 403 Forbidden',
  ],
  ['no-platform', 'no matching manifest for linux/arm64/v8 in the manifest list entries'],
  [
    'no-platform',
    'image with reference x was found but does not match the specified platform: wanted linux/arm64, actual: linux/amd64',
  ],
  [
    'unreachable',
    'Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io on 10.0.0.1:53: no such host',
  ],
  [
    'unreachable',
    'Get "https://10.0.0.1:5000/v2/": http: server gave HTTP response to HTTPS client',
  ],
  [
    'unreachable',
    'Get "https://x.example.com/v2/": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)',
  ],
  ['unreachable', 'Get "https://x.example.com/v2/": x509: certificate signed by unknown authority'],
  ['other', 'toomanyrequests: You have reached your pull rate limit.'],
  ['other', 'write /var/lib/docker/tmp/GetImageBlob1: no space left on device'],
])('%s: %s', (failure, message) => {
  expect(pullFailure(message)).toBe(failure);
});

test('For an ECR image without access the error says why AWS gave no login, and how to get one', () => {
  const host = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
  const image = parseImageName(`${host}/x:1`);
  if (image === undefined) throw new Error('not a name');
  const loginRefusal = 'Could not load credentials from any providers';
  const refused = new PullRefused('no basic auth credentials');
  expect(asPullError(refused, { image, loginRefusal })).toMatchObject({
    message: expect.stringContaining(`(AWS login: ${loginRefusal})`),
    hint: expect.stringContaining(
      `aws ecr get-login-password --region eu-west-1 | docker login --username AWS --password-stdin ${host}`,
    ),
  });
});

test('An image that is named by its digest is not to be tagged, which Docker cannot', () => {
  const image = parseImageName(`x@sha256:${'0'.repeat(64)}`);
  if (image === undefined) throw new Error('not a name');
  const error = asPullError(new PullRefused('manifest unknown'), { image });
  expect(error).toHaveProperty('hint', expect.not.stringContaining('docker tag'));
});

test('What is no refusal passes through as it is', () => {
  const bug = new TypeError('x is not a function');
  const image = parseImageName('x');
  if (image === undefined) throw new Error('not a name');
  expect(asPullError(bug, { image })).toBe(bug);
});
