import { expect, test } from 'vitest';
import { describe } from '../../src/hosting/execute.js';
import { planEndpoint } from '../../src/hosting/plan.js';
import { containerOf, deploymentOf, endpointOf, variantOf } from './records.js';

/** The plan as the log prints it. */
function plan(...[record, observed, routed = []]: PlanArguments): string[] {
  return planEndpoint(record, observed, new Set(routed)).map(describe);
}

type PlanArguments = [
  record: Parameters<typeof planEndpoint>[0],
  observed: Parameters<typeof planEndpoint>[1],
  routed?: string[],
];

const creating = endpointOf('Creating', { pending: deploymentOf('d1') });
const serving = endpointOf('InService', { deployment: deploymentOf('d1') });
const updating = endpointOf('Updating', {
  deployment: deploymentOf('d1'),
  pending: deploymentOf('d2'),
});

test('A new endpoint starts its container and then routes to it', () => {
  expect(plan(creating, [])).toEqual([
    'starting AllTraffic/0: cause of d1',
    'routing traffic to deployment d1: cause of d1',
  ]);
});

test('Each variant starts as many instances as it wants', () => {
  const variants = [
    variantOf({ variant: { VariantName: 'a' }, instanceCount: 2 }),
    variantOf({ variant: { VariantName: 'b' } }),
  ];
  expect(plan(endpointOf('Creating', { pending: deploymentOf('d1', { variants }) }), [])).toEqual([
    'starting a/0: cause of d1',
    'starting a/1: cause of d1',
    'starting b/0: cause of d1',
    'routing traffic to deployment d1: cause of d1',
  ]);
});

test('An endpoint whose containers serve needs nothing', () => {
  expect(plan(serving, [containerOf('d1/AllTraffic/0')], ['d1/AllTraffic/0'])).toEqual([]);
});

test('A container that runs and takes no traffic yet is adopted, as after a restart of the daemon', () => {
  expect(plan(creating, [containerOf('d1/AllTraffic/0')])).toEqual([
    'adopting AllTraffic/0: it runs already, and is what is wanted',
    'routing traffic to deployment d1: cause of d1',
  ]);
});

test('A container that has stopped is removed, and another started in its place', () => {
  expect(plan(serving, [containerOf('d1/AllTraffic/0', false)])).toEqual([
    'removing d1/AllTraffic/0: it has stopped and another takes its place',
    'starting AllTraffic/0: its container has stopped',
    'routing traffic to deployment d1: cause of d1',
  ]);
});

test('Where one of two containers of an instance runs, the other is removed and the one is kept', () => {
  const observed = [
    containerOf('d1/AllTraffic/0', false, 'dead'),
    containerOf('d1/AllTraffic/0', true, 'alive'),
  ];
  expect(plan(serving, observed, ['alive'])).toEqual([
    'removing d1/AllTraffic/0: it has stopped and another takes its place',
    'routing traffic to deployment d1: cause of d1',
  ]);
});

test('Only the instance that is missing is started; the one that serves is left alone', () => {
  const deployment = deploymentOf('d1', { variants: [variantOf({ instanceCount: 2 })] });
  const observed = [containerOf('d1/AllTraffic/0')];
  expect(plan(endpointOf('InService', { deployment }), observed, ['d1/AllTraffic/0'])).toEqual([
    'starting AllTraffic/1: cause of d1',
    'routing traffic to deployment d1: cause of d1',
  ]);
});

test('An update starts the new fleet, routes to it, and only then retires the old one', () => {
  expect(plan(updating, [containerOf('d1/AllTraffic/0')], ['d1/AllTraffic/0'])).toEqual([
    'starting AllTraffic/0: cause of d2',
    'routing traffic to deployment d2: cause of d2',
    'retiring d1/AllTraffic/0: deployment d2 has taken its place',
  ]);
});

test('An update whose new container takes the traffic already still routes, for it is not recorded yet', () => {
  expect(plan(updating, [containerOf('d2/AllTraffic/0')], ['d2/AllTraffic/0'])).toEqual([
    'routing traffic to deployment d2: cause of d2',
  ]);
});

test('An update that was given up retires what it had started, and leaves the old fleet serving', () => {
  const observed = [containerOf('d1/AllTraffic/0'), containerOf('d2/AllTraffic/0', false)];
  expect(plan(serving, observed, ['d1/AllTraffic/0'])).toEqual([
    'retiring d2/AllTraffic/0: deployment d1 has taken its place',
  ]);
});

test('A container whose labels make no sense is retired', () => {
  const stray = { ...containerOf('d1/AllTraffic/0'), name: 'stray', labels: {} };
  expect(plan(creating, [stray]).at(-1)).toBe('retiring stray: deployment d1 has taken its place');
});

test('An endpoint that is being deleted retires all its containers, running or not', () => {
  const observed = [containerOf('d1/AllTraffic/0'), containerOf('d0/AllTraffic/0', false)];
  const because = 'the endpoint is being deleted';
  const expected = [`retiring d1/AllTraffic/0: ${because}`, `retiring d0/AllTraffic/0: ${because}`];
  expect(plan(endpointOf('Deleting'), observed)).toEqual(expected);
});

test('Containers of an endpoint that nobody knows are retired', () => {
  expect(plan(undefined, [containerOf('d1/AllTraffic/0')])).toEqual([
    'retiring d1/AllTraffic/0: the endpoint is being deleted',
  ]);
});

test('A failed endpoint keeps the stopped container for its log, and retires those that run', () => {
  const observed = [containerOf('d1/AllTraffic/0', false), containerOf('d1/AllTraffic/1')];
  expect(plan(endpointOf('Failed', { pending: deploymentOf('d1') }), observed)).toEqual([
    'retiring d1/AllTraffic/1: the endpoint has failed',
  ]);
});

test('An endpoint with no deployment has nothing done for it', () => {
  expect(plan(endpointOf('InService'), [])).toEqual([]);
});
