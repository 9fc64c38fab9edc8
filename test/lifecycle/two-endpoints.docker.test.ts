import {
  CreateEndpointCommand,
  DescribeEndpointCommand,
  UpdateEndpointCommand,
} from '@aws-sdk/client-sagemaker';
import { beforeAll, expect, test } from 'vitest';
import {
  containerOf,
  createConfig,
  createEndpoint,
  deleteEndpoint,
  invoke,
  updateEndpoint,
} from '../support/endpoints.js';
import { FLASK, PYTORCH } from '../support/fixtures.js';
import { settled } from '../support/settled.js';
import { useDaemon } from '../support/test-daemon.js';

const server = useDaemon();

const ENDPOINTS = [
  { name: 'classifier', fixture: PYTORCH, says: '"Sports"' },
  { name: 'tagger', fixture: FLASK, says: '"Raccoon City"' },
];

beforeAll(async () => {
  for (const { name, fixture } of ENDPOINTS)
    for (const VariantName of ['old', 'new'])
      await createConfig(server, `${name}-${VariantName}`, containerOf(fixture), { VariantName });
});

test('Two endpoints are created, invoked, updated and deleted at the same time', async () => {
  const created = await Promise.all(
    ENDPOINTS.map(({ name }) => createEndpoint(server, name, `${name}-old`)),
  );
  expect(created.map(statusOf)).toEqual(['InService', 'InService']);
  expect(await answers()).toEqual(['old', 'old']);

  const updated = await Promise.all(
    ENDPOINTS.map(({ name }) => updateEndpoint(server, name, `${name}-new`)),
  );
  expect(updated.map(statusOf)).toEqual(['InService', 'InService']);
  expect(updated.map((endpoint) => endpoint?.EndpointConfigName)).toEqual([
    'classifier-new',
    'tagger-new',
  ]);
  expect(await answers()).toEqual(['new', 'new']);

  const deleted = await Promise.all(ENDPOINTS.map(({ name }) => deleteEndpoint(server, name)));
  expect(deleted).toEqual([undefined, undefined]);
  expect(await server.containers()).toEqual([]);
});

test('Invocations while both are updated never fail, and go to the old, then only to the new', async () => {
  await Promise.all(ENDPOINTS.map(({ name }) => createEndpoint(server, name, `${name}-old`)));
  const over = new AbortController();
  const callers = [...ENDPOINTS, ...ENDPOINTS, ...ENDPOINTS].map((each) => call(each, over.signal));

  await Promise.all(ENDPOINTS.map(({ name }) => updateEndpoint(server, name, `${name}-new`)));
  over.abort();
  const seen = await Promise.all(callers);

  for (const variants of seen) {
    expect(variants).toEqual(variants.toSorted().reverse());
    expect(new Set(variants)).toEqual(new Set(['old', 'new']));
  }
  await Promise.all(ENDPOINTS.map(({ name }) => deleteEndpoint(server, name)));
});

test('Create and update answer before the work is done, and meanwhile no other change is accepted', async () => {
  const { sagemaker } = server;
  const [EndpointName, describe] = [
    'quick',
    new DescribeEndpointCommand({ EndpointName: 'quick' }),
  ];
  const refused = {
    name: 'ValidationException',
    message: expect.stringMatching(/^Cannot update in-progress endpoint "arn:.*\/quick"\.$/),
  };
  const update = new UpdateEndpointCommand({ EndpointName, EndpointConfigName: 'tagger-new' });

  await sagemaker.send(
    new CreateEndpointCommand({ EndpointName, EndpointConfigName: 'tagger-old' }),
  );
  expect(statusOf(await sagemaker.send(describe))).toBe('Creating');
  await expect(sagemaker.send(update)).rejects.toMatchObject(refused);
  await expect(deleteEndpoint(server, EndpointName)).rejects.toMatchObject(refused);
  await expect(invoke(server.runtime, EndpointName, FLASK.good)).rejects.toMatchObject({
    name: 'ValidationError',
    message: expect.stringMatching(/^Endpoint quick of account \d{12} not found\.$/),
  });
  await settled(sagemaker, EndpointName);

  await sagemaker.send(update);
  expect(statusOf(await sagemaker.send(describe))).toBe('Updating');
  await expect(sagemaker.send(update)).rejects.toMatchObject(refused);
  await expect(deleteEndpoint(server, EndpointName)).rejects.toMatchObject(refused);
  await settled(sagemaker, EndpointName);
  await deleteEndpoint(server, EndpointName);
});

function statusOf(endpoint: { EndpointStatus?: string } | undefined): string | undefined {
  return endpoint?.EndpointStatus;
}

function answers(): Promise<(string | undefined)[]> {
  return Promise.all(ENDPOINTS.map(answer));
}

/** The variant that answered, once the answer is found to be right. */
async function answer({ name, fixture, says }: (typeof ENDPOINTS)[number]) {
  const { body, variant } = await invoke(server.runtime, name, fixture.good);
  expect(body).toContain(says);
  return variant;
}

/** One request after another, and one more when the update is over. @returns the variants that answered, in order */
async function call(
  endpoint: (typeof ENDPOINTS)[number],
  over: AbortSignal,
): Promise<(string | undefined)[]> {
  const variants: (string | undefined)[] = [];
  while (!over.aborted) variants.push(await answer(endpoint));
  return [...variants, await answer(endpoint)];
}
