import { EndpointStatus } from '@aws-sdk/client-sagemaker';
import { expect, test } from 'vitest';
import { isInProgress, mayBecome } from '../../src/hosting/status.js';

const ALL = Object.values(EndpointStatus);

/** Every move that there is; each pair that is not here must be refused. */
const MOVES = [
  'Creating → InService',
  'Creating → Failed',
  'InService → Updating',
  'InService → Deleting',
  'Updating → InService',
  'Updating → RollingBack',
  'RollingBack → InService',
  'Failed → Deleting',
  'Failed → Creating',
];

const PAIRS = ALL.flatMap((from) => ALL.map((to) => [from, to] as const));

test.each(PAIRS)('From %s to %s is as the table says', (from, to) => {
  expect(mayBecome(from, to)).toBe(MOVES.includes(`${from} → ${to}`));
});

test('Update and delete are refused while the endpoint is being created, updated or rolled back', () => {
  expect(ALL.filter(isInProgress).sort()).toEqual(['Creating', 'RollingBack', 'Updating']);
});
