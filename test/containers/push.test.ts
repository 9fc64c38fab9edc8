import { expect, test } from 'vitest';
import { isLocalImage, repositoryNameOf } from '../../src/containers/push.js';

const ID = `sha256:${'a'.repeat(64)}`;

test.each([
  ['ranker', true],
  ['ranker:v1', true],
  ['team/ranker:v1', true],
  ['localhost:5000/ranker', true],
  ['127.0.0.1/ranker', true],
  [ID, true],
  ['docker.io/library/python:3.12', false],
  ['public.ecr.aws/docker/library/python:3.12', false],
  ['123456789012.dkr.ecr.eu-west-1.amazonaws.com/ranker:v1', false],
])('Whether only this machine has %s: %s', (reference, local) => {
  expect(isLocalImage(reference)).toBe(local);
});

test.each([
  ['ranker:v1', 'ranker'],
  ['team/ranker', 'team/ranker'],
  ['localhost:5000/team/ranker:v2', 'team/ranker'],
  [ID, 'smlocal'],
])('%s goes to the repository %s', (reference, repository) => {
  expect(repositoryNameOf(reference)).toBe(repository);
});
