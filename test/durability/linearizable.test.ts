import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Daemon } from '../../src/daemon/daemon.js';
import { startDaemon } from '../../src/daemon/start-daemon.js';
import { REGION } from '../support/control-daemon.js';
import { PING_SERVER } from '../support/ping-server.js';
import { oneOf, randomOf, seedOfRun } from '../support/random.js';
import { CREDENTIALS, configFor } from '../support/test-daemon.js';
import { answerTo } from './linear/clients.js';
import { type Answer, FAMILY, type Request } from './linear/family.js';
import { type Call, unexplained } from './linear/linearizable.js';

const CLIENTS = 8;
const CALLS = 500;
const FAMILIES = ['alpha', 'beta', 'gamma', 'delta'];
const SEED = seedOfRun();

/** How often each is asked for; what lasts is rare enough to be found in every state. */
const SHARES: readonly [Request['op'], number][] = [
  ['CreateModel', 12],
  ['DescribeModel', 10],
  ['DeleteModel', 4],
  ['AddTags', 8],
  ['ListTags', 8],
  ['ListModels', 6],
  ['CreateEndpointConfig', 12],
  ['DescribeEndpointConfig', 10],
  ['DeleteEndpointConfig', 4],
  ['CreateEndpoint', 6],
  ['UpdateEndpoint', 5],
  ['DeleteEndpoint', 3],
  ['DescribeEndpoint', 12],
];
const OPERATIONS = SHARES.flatMap(([op, share]) => Array.from({ length: share }, () => op));

type History = Call<Request, Answer>[];

let folder: string;
let daemon: Daemon;
/** Counts what happens to any client: of two moments it tells which came first. */
let moment = 0;
let value = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'smlocal-linear-'));
  await writeFile(join(folder, 'server.py'), PING_SERVER);
  const config = { ...configFor('process'), region: REGION };
  daemon = await startDaemon({ config, stateDir: join(folder, 'state') });
  await daemon.resume();
});
afterAll(async () => {
  await daemon.stop({ force: true });
  await rm(folder, { recursive: true });
});

test(`${CLIENTS} clients that make ${CALLS} random calls each get answers that one client could have got`, async () => {
  const histories = new Map<string, History>(FAMILIES.map((family) => [family, []]));
  await Promise.all(
    Array.from({ length: CLIENTS }, async (_, index) => {
      const random = randomOf(SEED + index);
      const client = connect();
      for (let call = 0; call < CALLS; call += 1)
        await record(
          client,
          histories,
          oneOf(FAMILIES, random),
          requestOf(oneOf(OPERATIONS, random)),
        );
      client.destroy();
    }),
  );
  await lookAtAll(histories);
  const counts: Record<string, number> = {};
  for (const [family, history] of histories) {
    const where = `SMLOCAL_TEST_SEED=${SEED}, ${family}`;
    expect(unexplained(FAMILY, history), where).toBeUndefined();
    for (const { input, result } of history) {
      const key = `${input.op} ${result.is}`;
      counts[key] = (counts[key] ?? 0) + 1;
    }
  }
  process.stdout.write(`${CLIENTS * CALLS} calls, seed ${SEED}: ${JSON.stringify(counts)}\n`);
  for (const [op] of SHARES)
    expect(counts, 'carried out at least once').toHaveProperty([`${op} ok`]);
}, 240_000);

/** What there is in the end belongs to the history as well. */
async function lookAtAll(histories: Map<string, History>): Promise<void> {
  const client = connect();
  for (const op of [
    'DescribeModel',
    'ListTags',
    'DescribeEndpointConfig',
    'DescribeEndpoint',
  ] as const)
    for (const family of FAMILIES) await record(client, histories, family, { op });
  client.destroy();
}

async function record(
  client: SageMakerClient,
  histories: Map<string, History>,
  family: string,
  input: Request,
): Promise<void> {
  const calledAt = moment++;
  const result = await answerTo(client, family, `python3 ${join(folder, 'server.py')}`, input);
  histories.get(family)?.push({ calledAt, returnedAt: moment++, input, result });
}

/** Each value is written once, so that whoever reads it shows what was read. */
function requestOf(op: Request['op']): Request {
  switch (op) {
    case 'CreateModel':
    case 'AddTags':
    case 'CreateEndpointConfig':
      value += 1;
      return { op, value: String(value) };
    default:
      return { op };
  }
}

function connect(): SageMakerClient {
  return new SageMakerClient({
    endpoint: daemon.url,
    region: REGION,
    credentials: CREDENTIALS,
    maxAttempts: 1,
  });
}

describe('What no order explains is found', () => {
  const at = (calledAt: number, returnedAt: number, input: Request, result: Answer) => ({
    calledAt,
    returnedAt,
    input,
    result,
  });
  const ok = (value?: string): Answer => ({ is: 'ok', value });
  const created = (value: string, from: number, to: number) =>
    at(from, to, { op: 'CreateModel', value }, ok());

  test('a read that misses a write which was acknowledged before', () => {
    const read = at(2, 3, { op: 'DescribeModel' }, { is: 'missing' });
    expect(unexplained(FAMILY, [created('1', 0, 1), read])).toBe(read);
    const overlapping = at(0.5, 3, { op: 'DescribeModel' }, { is: 'missing' } as const);
    expect(unexplained(FAMILY, [created('1', 0, 1), overlapping])).toBeUndefined();
  });

  test('a name that two clients were both given', () => {
    expect(unexplained(FAMILY, [created('1', 0, 3), created('2', 1, 2)])).toMatchObject({
      input: { value: '1' },
    });
  });

  test('a value that comes back after another was read', () => {
    const tag = (value: string, from: number, to: number) =>
      at(from, to, { op: 'AddTags', value }, ok());
    const read = (value: string, from: number) =>
      at(from, from + 0.5, { op: 'ListTags' }, ok(value));
    const calls = [created('1', 0, 1), tag('a', 2, 10), tag('b', 2.1, 10.1)];
    expect(unexplained(FAMILY, [...calls, read('a', 3), read('b', 4)])).toBeUndefined();
    const back = read('a', 5);
    expect(unexplained(FAMILY, [...calls, read('a', 3), read('b', 4), back])).toBe(back);
  });

  test('an endpoint that is in service with a config which it was never given', () => {
    const calls = [
      created('1', 0, 1),
      at(2, 3, { op: 'CreateEndpointConfig', value: '2' }, ok()),
      at(4, 5, { op: 'CreateEndpoint' }, ok()),
    ];
    const serves = (value: string) =>
      at(6, 7, { op: 'DescribeEndpoint' }, ok(`InService ${value}`));
    expect(unexplained(FAMILY, [...calls, serves('2')])).toBeUndefined();
    expect(unexplained(FAMILY, [...calls, serves('3')])).toEqual(serves('3'));
  });
});
