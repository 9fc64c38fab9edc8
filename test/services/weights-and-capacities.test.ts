import {
  type DesiredWeightAndCapacity,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from '@aws-sdk/client-sagemaker';
import { expect, test } from 'vitest';
import { deploymentOf, endpointOf, variantOf } from '../hosting/records.js';
import { ARN, invalid, refusal, useControlDaemon } from '../support/control-daemon.js';

const serverless = variantOf({
  variant: {
    VariantName: 's',
    InstanceType: undefined,
    InitialInstanceCount: undefined,
    ServerlessConfig: { MemorySizeInMB: 1024, MaxConcurrency: 5 },
  },
});

const instances = deploymentOf('d1', {
  variants: [
    variantOf({ variant: { VariantName: 'a' } }),
    variantOf({ variant: { VariantName: 'b' }, weight: 3, instanceCount: 2 }),
  ],
});

const control = useControlDaemon(async ({ endpoints }) => {
  const place = (EndpointName: string, ...[status, change]: Parameters<typeof endpointOf>) =>
    endpoints.put(
      EndpointName,
      endpointOf(status, {
        EndpointName,
        EndpointArn: `${ARN}:endpoint/${EndpointName}`,
        ...change,
      }),
    );
  await place('serving', 'InService', { deployment: instances });
  await place('changing', 'InService', { deployment: instances });
  await place('serverless', 'InService', {
    deployment: deploymentOf('d2', { variants: [serverless] }),
  });
  await place('creating', 'Creating', { pending: instances });
  await place('failed', 'Failed', { pending: instances });
  await place('deleting', 'Deleting');
});

const update = (EndpointName: string, ...DesiredWeightsAndCapacities: DesiredWeightAndCapacity[]) =>
  control.sagemaker.send(
    new UpdateEndpointWeightsAndCapacitiesCommand({ EndpointName, DesiredWeightsAndCapacities }),
  );

const refusals: [what: string, name: string, desired: DesiredWeightAndCapacity[], text: string][] =
  [
    [
      'A variant that the endpoint has not',
      'serving',
      [{ VariantName: 'c', DesiredWeight: 1 }],
      'The variant name(s) "c" is/are not present within endpoint configuration "config".',
    ],
    [
      'A variant named twice',
      'serving',
      [{ VariantName: 'a' }, { VariantName: 'a' }],
      'The variant name "a" was non-unique within the request.',
    ],
    [
      'No instance at all',
      'serving',
      [{ VariantName: 'a', DesiredInstanceCount: 0 }],
      'Variant "a" must have a DesiredInstanceCount of at least 1.',
    ],
    [
      'Concurrency for instances',
      'serving',
      [{ VariantName: 'a', ServerlessUpdateConfig: { MaxConcurrency: 2 } }],
      'Variant "a" is not serverless and has no ServerlessUpdateConfig.',
    ],
    [
      'Instances for a serverless variant',
      'serverless',
      [{ VariantName: 's', DesiredInstanceCount: 1 }],
      'Variant "s" is serverless and has no DesiredInstanceCount.',
    ],
    [
      'More concurrency provisioned than there is',
      'serverless',
      [{ VariantName: 's', ServerlessUpdateConfig: { ProvisionedConcurrency: 6 } }],
      'ProvisionedConcurrency of variant "s" (6) must be less than or equal to its MaxConcurrency (5).',
    ],
    [
      'An endpoint that is not there',
      'nobody',
      [{ VariantName: 'a' }],
      `Could not find endpoint "${ARN}:endpoint/nobody".`,
    ],
    [
      'An endpoint that is being created',
      'creating',
      [{ VariantName: 'a' }],
      `Cannot update in-progress endpoint "${ARN}:endpoint/creating".`,
    ],
    [
      'An endpoint that is being deleted',
      'deleting',
      [{ VariantName: 'a' }],
      `Cannot update in-progress endpoint "${ARN}:endpoint/deleting".`,
    ],
    [
      'An endpoint that has failed',
      'failed',
      [{ VariantName: 'a' }],
      `Cannot update endpoint "${ARN}:endpoint/failed" in status Failed.`,
    ],
  ];

test.each(refusals)('%s: refused', async (_what, name, desired, message) => {
  expect(await refusal(update(name, ...desired))).toEqual(invalid(message));
});

test('What is asked is brought about by the deployment that serves, and no other', async () => {
  const seen: unknown[] = [];
  const watch = () => {
    const { pending } =
      control.daemon.endpoints.find((one) => one.EndpointName === 'changing') ?? {};
    if (pending === undefined) return;
    const variants = pending.variants.map(({ weight, instanceCount }) => [weight, instanceCount]);
    seen.push({ id: pending.id, variants });
  };
  control.daemon.events.on('status', watch);
  await update('changing', { VariantName: 'b', DesiredWeight: 0, DesiredInstanceCount: 3 });
  control.daemon.events.off('status', watch);
  expect(seen[0]).toEqual({
    id: 'd1',
    variants: [
      [1, 1],
      [0, 3],
    ],
  });
});
