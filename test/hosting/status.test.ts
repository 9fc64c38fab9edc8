import { EndpointStatus } from '@aws-sdk/client-sagemaker';
import { expect, test } from 'vitest';
import { after, type EndpointEvent, mayBecome, refusal } from '../../src/hosting/status.js';

const ALL = Object.values(EndpointStatus);

const REQUESTS: readonly EndpointEvent[] = [
  'CreateEndpoint',
  'UpdateEndpoint',
  'UpdateEndpointWeightsAndCapacities',
  'DeleteEndpoint',
];

const EVENTS: readonly EndpointEvent[] = [
  ...REQUESTS,
  'came up',
  'did not come up',
  'rolled back',
  'redeployed',
  'containers gone',
];

/** Every move that there is, by what brings it about; each status and event that is not here must be refused. */
const MOVES = [
  'absent: CreateEndpoint → Creating',
  'Creating: came up → InService',
  'Creating: did not come up → Failed',
  'InService: UpdateEndpoint → Updating',
  'InService: UpdateEndpointWeightsAndCapacities → Updating',
  'InService: DeleteEndpoint → Deleting',
  'InService: redeployed → Updating',
  'Updating: came up → InService',
  'Updating: did not come up → RollingBack',
  'RollingBack: rolled back → InService',
  'Deleting: containers gone → absent',
  'Failed: DeleteEndpoint → Deleting',
  'Failed: redeployed → Creating',
];

const SITUATIONS = ['absent', ...ALL] as const;

const PAIRS = SITUATIONS.flatMap((from) => EVENTS.map((event) => [from, event] as const));

test.each(PAIRS)('What comes of an endpoint that is %s when there is: %s', (from, event) => {
  const move = MOVES.find((line) => line.startsWith(`${from}: ${event} → `));
  expect(after(from, event)).toBe(move?.split(' → ')[1]);
});

test.each(ALL.flatMap((from) => ALL.map((to) => [from, to] as const)))(
  'DescribeEndpoint may show %s and then %s only where an event leads there',
  (from, to) => {
    const known = MOVES.some((line) => line.startsWith(`${from}: `) && line.endsWith(`→ ${to}`));
    expect(mayBecome(from, to)).toBe(known);
  },
);

test.each(REQUESTS)('%s says why it is refused, from every status', (request) => {
  const refused = SITUATIONS.filter((from) => after(from, request) === undefined).map(
    (from) => `${from}: ${refusal(from, request)}`,
  );
  const inProgress = ['Creating', 'Updating', 'RollingBack', 'Deleting'];
  const present =
    request === 'CreateEndpoint'
      ? ALL.map((from) => `${from}: already exists`)
      : inProgress.map((from) => `${from}: in progress`);
  expect(refused).toEqual(expect.arrayContaining(present));
  expect(refused.includes('absent: not found')).toBe(request !== 'CreateEndpoint');
  const failed = request.startsWith('UpdateEndpoint') ? 'Failed: failed' : undefined;
  expect(refused.find((line) => line.endsWith(': failed'))).toBe(failed);
});
