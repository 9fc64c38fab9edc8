import type { EndpointStatus } from '@aws-sdk/client-sagemaker';
import { expect, test } from 'vitest';
import { resumed } from '../../src/hosting/resume.js';
import { containerOf, deploymentOf, endpointOf, variantOf } from './records.js';

const serving = endpointOf('InService', { deployment: deploymentOf('d1') });
const updating = endpointOf('Updating', {
  deployment: deploymentOf('d1'),
  pending: deploymentOf('d2'),
});

/** What is brought up anew, by its deployment's id. */
const anew = (id: string) => ({
  EndpointStatus: 'Creating',
  deployment: undefined,
  pending: { ...deploymentOf(id), cause: 'smlocal has started' },
});

test('An endpoint whose container runs still is what it was', () => {
  expect(resumed(serving, [containerOf('d1/AllTraffic/0')])).toBe(serving);
});

test.each([
  ['is gone', []],
  ['has stopped', [containerOf('d1/AllTraffic/0', false)]],
  ['belongs to another deployment', [containerOf('d0/AllTraffic/0')]],
])('An endpoint whose container %s comes up anew', (_why, observed) => {
  expect(resumed(serving, observed)).toMatchObject(anew('d1'));
});

test('An endpoint of which one instance of several has stopped comes up anew', () => {
  const deployment = deploymentOf('d1', { variants: [variantOf({ instanceCount: 2 })] });
  const record = endpointOf('InService', { deployment });
  expect(resumed(record, [containerOf('d1/AllTraffic/0')]).EndpointStatus).toBe('Creating');
  const both = [containerOf('d1/AllTraffic/0'), containerOf('d1/AllTraffic/1')];
  expect(resumed(record, both)).toBe(record);
});

test('An update goes on beside what runs still', () => {
  expect(resumed(updating, [containerOf('d1/AllTraffic/0')])).toBe(updating);
});

test('Of an update whose old container is gone only the new comes up', () => {
  expect(resumed(updating, [containerOf('d2/AllTraffic/0')])).toMatchObject(anew('d2'));
  expect(resumed(updating, [])).toMatchObject(anew('d2'));
});

test('An update that was being rolled back is rolled back, with its reason', () => {
  const rollingBack = endpointOf('RollingBack', {
    deployment: deploymentOf('d1'),
    FailureReason: 'why',
  });
  expect(resumed(rollingBack, [containerOf('d1/AllTraffic/0')])).toEqual({
    ...rollingBack,
    EndpointStatus: 'InService',
  });
});

test('What was coming up for the first time goes on', () => {
  const creating = endpointOf('Creating', { pending: deploymentOf('d1') });
  expect(resumed(creating, [containerOf('d1/AllTraffic/0')])).toMatchObject(anew('d1'));
});

test.each<EndpointStatus>(['Failed', 'Deleting'])('%s stays what it is', (status) => {
  const record = endpointOf(status, { deployment: deploymentOf('d1') });
  expect(resumed(record, [])).toBe(record);
});
