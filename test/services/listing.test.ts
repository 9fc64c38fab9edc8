import {
  type EndpointStatus,
  ListEndpointConfigsCommand,
  ListEndpointsCommand,
  type ListEndpointsCommandInput,
  ListModelsCommand,
  paginateListEndpoints,
} from '@aws-sdk/client-sagemaker';
import { expect, test } from 'vitest';
import { endpointOf } from '../hosting/records.js';
import { ARN, invalid, refusal, useControlDaemon } from '../support/control-daemon.js';

/** e00 … e24: one made each minute, every fifth one failed, each changed an hour later. */
const ENDPOINTS = Array.from({ length: 25 }, (_, index) => {
  const name = `e${String(index).padStart(2, '0')}`;
  const status: EndpointStatus = index % 5 === 0 ? 'Failed' : 'InService';
  return endpointOf(status, {
    EndpointName: name,
    EndpointArn: `${ARN}:endpoint/${name}`,
    CreationTime: new Date(Date.UTC(2026, 0, 1, 0, index)),
    LastModifiedTime: new Date(Date.UTC(2026, 0, 1, 1, index)),
  });
});

const control = useControlDaemon(async (records) => {
  for (const endpoint of ENDPOINTS) await records.endpoints.put(endpoint.EndpointName, endpoint);
  for (const { EndpointName, CreationTime } of ENDPOINTS.slice(0, 12)) {
    const common = { CreationTime, Tags: [] };
    await records.models.put(EndpointName, {
      ModelName: EndpointName,
      ModelArn: 'arn',
      ...common,
    });
    await records.endpointConfigs.put(EndpointName, {
      EndpointConfigName: EndpointName,
      EndpointConfigArn: 'arn',
      ProductionVariants: [],
      ...common,
    });
  }
});

async function list(input: ListEndpointsCommandInput = {}) {
  const { Endpoints, NextToken } = await control.sagemaker.send(new ListEndpointsCommand(input));
  return { names: Endpoints?.map(({ EndpointName }) => EndpointName) ?? [], NextToken };
}

const NAMES = ENDPOINTS.map(({ EndpointName }) => EndpointName);
const NEWEST_FIRST = [...NAMES].reverse();

test('Unless asked otherwise a list shows the ten newest, newest first', async () => {
  const { names, NextToken } = await list();
  expect(names).toEqual(NEWEST_FIRST.slice(0, 10));
  expect(NextToken).toEqual(expect.any(String));
});

test('Pages follow each other to the end, without a gap or a double', async () => {
  const paginator = paginateListEndpoints({ client: control.sagemaker, pageSize: 7 }, {});
  const names: (string | undefined)[] = [];
  for await (const { Endpoints } of paginator) {
    names.push(...(Endpoints?.map(({ EndpointName }) => EndpointName) ?? []));
  }
  expect(names).toEqual(NEWEST_FIRST);
});

test('A last page that is exactly full has no token', async () => {
  expect((await list({ MaxResults: 25 })).NextToken).toBeUndefined();
});

test('The size of a page may change between two pages', async () => {
  const { NextToken } = await list({ MaxResults: 2 });
  expect((await list({ NextToken, MaxResults: 3 })).names).toEqual(NEWEST_FIRST.slice(2, 5));
});

const filters: [what: string, input: ListEndpointsCommandInput, names: string[]][] = [
  ['by name', { SortBy: 'Name', SortOrder: 'Ascending', MaxResults: 3 }, NAMES.slice(0, 3)],
  ['by name, from the end', { SortBy: 'Name', MaxResults: 2 }, ['e24', 'e23']],
  ['oldest first', { SortOrder: 'Ascending', MaxResults: 2 }, ['e00', 'e01']],
  [
    'with a text in its name',
    { NameContains: '2', SortOrder: 'Ascending', MaxResults: 3 },
    ['e02', 'e12', 'e20'],
  ],
  ['in a state', { StatusEquals: 'Failed' }, ['e20', 'e15', 'e10', 'e05', 'e00']],
  ['in a state in which none is', { StatusEquals: 'Deleting' }, []],
  [
    'made at a time or after',
    { CreationTimeAfter: new Date(Date.UTC(2026, 0, 1, 0, 23)) },
    ['e24', 'e23'],
  ],
  ['made before a time', { CreationTimeBefore: new Date(Date.UTC(2026, 0, 1, 0, 1)) }, ['e00']],
  [
    'changed after a time',
    { LastModifiedTimeAfter: new Date(Date.UTC(2026, 0, 1, 1, 23)) },
    ['e24'],
  ],
  [
    'changed before a time',
    { LastModifiedTimeBefore: new Date(Date.UTC(2026, 0, 1, 1, 1)) },
    ['e00'],
  ],
];

test.each(filters)('Endpoints are listed %s', async (_what, input, names) => {
  expect((await list(input)).names).toEqual(names);
});

test('Endpoints sorted by state come by name within one', async () => {
  const input: ListEndpointsCommandInput = { SortBy: 'Status', SortOrder: 'Ascending' };
  const { names } = await list({ ...input, MaxResults: 7 });
  expect(names).toEqual(['e00', 'e05', 'e10', 'e15', 'e20', 'e01', 'e02']);
});

test('A token that is not one, or was made for other filters, is refused', async () => {
  const refused = invalid('Invalid NextToken. It must come from a call with the same parameters.');
  const { NextToken } = await list({ MaxResults: 2 });
  expect(await refusal(list({ NextToken: 'rubbish' }))).toEqual(refused);
  expect(await refusal(list({ NextToken, NameContains: 'e' }))).toEqual(refused);
  const models = control.sagemaker.send(new ListModelsCommand({ NextToken: 'bnVsbA' }));
  expect(await refusal(models)).toEqual(refused);
});

test('A page larger than the service allows is refused', async () => {
  expect((await refusal(list({ MaxResults: 101 }))).message).toBe(
    "1 validation error detected: Value '101' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 100",
  );
});

test('Models and endpoint configs are listed alike', async () => {
  const input = { SortBy: 'Name', SortOrder: 'Ascending', MaxResults: 11 } as const;
  const models = await control.sagemaker.send(new ListModelsCommand(input));
  const configs = await control.sagemaker.send(new ListEndpointConfigsCommand(input));
  expect(models.Models?.map(({ ModelName }) => ModelName)).toEqual(NAMES.slice(0, 11));
  expect(configs.EndpointConfigs?.map((one) => one.EndpointConfigName)).toEqual(NAMES.slice(0, 11));
  expect([models.NextToken, configs.NextToken]).toEqual([expect.any(String), expect.any(String)]);
});
