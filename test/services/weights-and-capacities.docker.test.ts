import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  DeleteEndpointCommand,
  DescribeEndpointCommand,
  type DesiredWeightAndCapacity,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from '@aws-sdk/client-sagemaker';
import { beforeAll, expect, test } from 'vitest';
import { invalid, refusal } from '../support/control-daemon.js';
import {
  containerOf,
  createConfig,
  createEndpoint,
  deleteEndpoint,
  invoke,
} from '../support/endpoints.js';
import { FLASK } from '../support/fixtures.js';
import { settled } from '../support/settled.js';
import { useDaemon } from '../support/test-daemon.js';

const server = useDaemon();

const NAME = 'shared';

beforeAll(async () => {
  await createConfig(server, NAME, containerOf(FLASK));
  const variant = {
    ModelName: NAME,
    InstanceType: 'ml.m5.large',
    InitialInstanceCount: 1,
  } as const;
  await server.sagemaker.send(
    new CreateEndpointConfigCommand({
      EndpointConfigName: 'two',
      ProductionVariants: [
        { ...variant, VariantName: 'left', InitialVariantWeight: 1 },
        { ...variant, VariantName: 'right', InitialVariantWeight: 0 },
      ],
    }),
  );
});

const describe = () => server.sagemaker.send(new DescribeEndpointCommand({ EndpointName: NAME }));

async function change(...DesiredWeightsAndCapacities: DesiredWeightAndCapacity[]) {
  await server.sagemaker.send(
    new UpdateEndpointWeightsAndCapacitiesCommand({
      EndpointName: NAME,
      DesiredWeightsAndCapacities,
    }),
  );
  const asked = await describe();
  return { asked, done: await settled(server.sagemaker, NAME) };
}

async function takers(): Promise<string[]> {
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => invoke(server.runtime, NAME, FLASK.good)),
  );
  return [...new Set(answers.map(({ variant }) => variant ?? ''))];
}

test('Weights move the traffic and counts the containers, of which those that serve go on', async () => {
  expect((await createEndpoint(server, NAME, 'two'))?.EndpointStatus).toBe('InService');
  expect(await takers()).toEqual(['left']);
  const first = await server.containers(NAME);

  const moved = await change(
    { VariantName: 'left', DesiredWeight: 0 },
    { VariantName: 'right', DesiredWeight: 2, DesiredInstanceCount: 2 },
  );
  expect(moved.asked.ProductionVariants?.[1]).toMatchObject({
    DesiredWeight: 2,
    DesiredInstanceCount: 2,
  });
  expect(moved.asked).not.toHaveProperty('PendingDeploymentSummary');
  expect(moved.done).toMatchObject({
    EndpointStatus: 'InService',
    EndpointConfigName: 'two',
    ProductionVariants: [
      { CurrentWeight: 0, CurrentInstanceCount: 1 },
      { CurrentWeight: 2, CurrentInstanceCount: 2, DesiredInstanceCount: 2 },
    ],
  });
  expect(await takers()).toEqual(['right']);
  const more = await server.containers(NAME);
  expect(more).toHaveLength(3);
  expect(more).toEqual(expect.arrayContaining(first));

  await change({ VariantName: 'right', DesiredInstanceCount: 1 });
  await expect.poll(() => server.containers(NAME), { timeout: 60_000 }).toHaveLength(2);
  expect((await server.containers(NAME)).sort()).toEqual(first.sort());
  expect(await takers()).toEqual(['right']);
  await deleteEndpoint(server, NAME);
});

test('A name is taken until its endpoint is gone, and can then be created again', async () => {
  const EndpointName = 'again';
  const create = () =>
    server.sagemaker.send(new CreateEndpointCommand({ EndpointName, EndpointConfigName: 'two' }));
  const { EndpointArn } = await create();
  const taken = invalid(`Cannot create already existing endpoint "${EndpointArn}".`);
  expect(await refusal(create())).toEqual(taken);
  expect((await settled(server.sagemaker, EndpointName))?.EndpointStatus).toBe('InService');
  expect(await refusal(create())).toEqual(taken);
  await server.sagemaker.send(new DeleteEndpointCommand({ EndpointName }));
  expect(await settled(server.sagemaker, EndpointName)).toBeUndefined();
  await create();
  expect((await settled(server.sagemaker, EndpointName))?.EndpointStatus).toBe('InService');
  await deleteEndpoint(server, EndpointName);
});
