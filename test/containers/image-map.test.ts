import { expect, test } from 'vitest';
import { resolveImage } from '../../src/containers/image-map.js';

const ECR = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

test('An image that the map does not name stays as it is', () => {
  expect(resolveImage('ranker:v1', {})).toBe('ranker:v1');
  expect(resolveImage('ranker:v1', { 'other:v1': 'x' })).toBe('ranker:v1');
});

test('An exact key replaces the image', () => {
  expect(resolveImage(`${ECR}/ranker:v1`, { [`${ECR}/ranker:v1`]: 'ranker:dev' })).toBe(
    'ranker:dev',
  );
});

test.each([
  `${ECR}/ranker`,
  `${ECR}/ranker:v7`,
  `${ECR}/ranker@sha256:abc`,
  `${ECR}/ranker:v1@sha256:abc`,
])('A key without a tag matches %s', (reference) => {
  expect(resolveImage(reference, { [`${ECR}/ranker`]: 'ranker:dev' })).toBe('ranker:dev');
});

test('A key without a tag matches neither longer nor shorter names', () => {
  const images = { [`${ECR}/ranker`]: 'ranker:dev' };
  expect(resolveImage(`${ECR}/ranker-two:v1`, images)).toBe(`${ECR}/ranker-two:v1`);
  expect(resolveImage('ranker:v1', images)).toBe('ranker:v1');
});

test('A key with a tag leaves the other tags alone', () => {
  expect(resolveImage('ranker:v2', { 'ranker:v1': 'x' })).toBe('ranker:v2');
});

test('The port of a registry is not taken for a tag', () => {
  const images = { 'localhost:5000/ranker': 'ranker:dev' };
  expect(resolveImage('localhost:5000/ranker:v1', images)).toBe('ranker:dev');
});

test('A star matches any run of characters, in a name as well as in a tag', () => {
  const images = { '763104351884.dkr.ecr.*.amazonaws.com/pytorch-inference:*cpu*': 'torch' };
  const repository = '763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference';
  expect(resolveImage(`${repository}:2.6.0-cpu-py312`, images)).toBe('torch');
  expect(resolveImage(`${repository}:2.6.0-gpu-py312`, images)).toContain('gpu');
});

test('Characters that mean something in regular expressions mean themselves', () => {
  expect(resolveImage('axb:1', { 'a.b:1': 'x' })).toBe('axb:1');
  expect(resolveImage('a+b', { 'a+*': 'x' })).toBe('x');
});

test('The exact key wins, then the plain repository, then the longest pattern', () => {
  const images = {
    '*': 'any',
    'registry.example.com/*': 'registry',
    'registry.example.com/ran*': 'long',
    'registry.example.com/ranker': 'repository',
    'registry.example.com/ranker:v1': 'exact',
  };
  expect(resolveImage('registry.example.com/ranker:v1', images)).toBe('exact');
  expect(resolveImage('registry.example.com/ranker:v2', images)).toBe('repository');
  expect(resolveImage('registry.example.com/ranger', images)).toBe('long');
  expect(resolveImage('registry.example.com/x', images)).toBe('registry');
  expect(resolveImage('x', images)).toBe('any');
});

test('The replacement is not looked up again', () => {
  expect(resolveImage('a', { a: 'b', b: 'c' })).toBe('b');
});

test('Names that objects inherit are not taken for keys', () => {
  expect(resolveImage('constructor', {})).toBe('constructor');
});
