import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  CloudWatchLogsClient,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  type LiveTailSessionLogEvent,
  paginateFilterLogEvents,
  StartLiveTailCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ACCOUNT, refusal } from '../support/control-daemon.js';
import { awsEnvironment, pythonClients } from '../support/python-clients.js';
import { run, succeed } from '../support/run.js';
import { CREDENTIALS, REGION } from '../support/test-daemon.js';
import { WatchedDaemon, type WatchedEndpoint } from '../support/watched.js';

/* CloudWatch Logs of an endpoint whose server prints what it is sent, by the stock clients. */

const SERVER = `
from http.server import BaseHTTPRequestHandler, HTTPServer
import os

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer()

    def do_POST(self):
        print(self.rfile.read(int(self.headers["content-length"])).decode(), flush=True)
        self.answer()

    def answer(self):
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass

HTTPServer(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
`;

const GROUP = '/aws/sagemaker/Endpoints/printing';
const home = mkdtempSync(join(tmpdir(), 'smlocal-logs-clients-'));
let watched: WatchedDaemon;
let endpoint: WatchedEndpoint;
let client: CloudWatchLogsClient;
let clients: string;
let logStreamName: string;

beforeAll(async () => {
  clients = await pythonClients();
  watched = await WatchedDaemon.start({}, 'process');
  endpoint = await watched.endpoint(
    'printing',
    { 'server.py': SERVER },
    { image: 'any', command: 'python3 server.py' },
  );
  const settings = { endpoint: watched.daemon.url, region: REGION, credentials: CREDENTIALS };
  client = new CloudWatchLogsClient({ ...settings, maxAttempts: 1 });
  for (let at = 0; at < 25; at += 1) await endpoint.ask(`line ${at}`);
  const stream = await vi.waitFor(async () => {
    const events = await all();
    expect(events.filter((text) => text?.startsWith('"line'))).toHaveLength(25);
    const answer = await client.send(new DescribeLogStreamsCommand({ logGroupName: GROUP }));
    return answer.logStreams?.[0];
  });
  logStreamName = stream?.logStreamName ?? '';
}, 300_000);
afterAll(async () => {
  client.destroy();
  await watched.stop();
  rmSync(home, { recursive: true });
});

async function all() {
  const { events = [] } = await client.send(new FilterLogEventsCommand({ logGroupName: GROUP }));
  return events.map(({ message }) => message);
}

test('The group and its stream are described as the service does', async () => {
  const { logGroups } = await client.send(
    new DescribeLogGroupsCommand({ logGroupNamePrefix: '/aws/sagemaker/' }),
  );
  const arn = `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${GROUP}`;
  expect(logGroups).toEqual([
    expect.objectContaining({ logGroupName: GROUP, arn: `${arn}:*`, logGroupArn: arn }),
  ]);
  const { logStreams } = await client.send(
    new DescribeLogStreamsCommand({
      ...{ logGroupIdentifier: arn, orderBy: 'LastEventTime', descending: true, limit: 1 },
    }),
  );
  expect(logStreams).toEqual([
    {
      logStreamName: expect.stringMatching(/^AllTraffic\/i-0[0-9a-f]{16}$/),
      creationTime: expect.any(Number),
      firstEventTimestamp: expect.any(Number),
      lastEventTimestamp: expect.any(Number),
      lastIngestionTime: expect.any(Number),
      arn: `${arn}:log-stream:${logStreamName}`,
      storedBytes: 0,
    },
  ]);
  const age = Date.now() - (logStreams?.[0]?.lastEventTimestamp ?? 0);
  expect(age).toBeLessThan(600_000);
});

test('A stream is read page by page in both directions, to an end that gives the same token back', async () => {
  const whole = await all();
  const page = async (nextToken?: string, startFromHead?: boolean) => {
    const input = { logGroupName: GROUP, logStreamName, limit: 10, nextToken, startFromHead };
    const answer = await client.send(new GetLogEventsCommand(input));
    const texts = answer.events?.map(({ message }) => message) ?? [];
    return { texts, next: answer.nextForwardToken, back: answer.nextBackwardToken };
  };
  const read: (string | undefined)[] = [];
  let at = await page(undefined, true);
  for (;;) {
    read.push(...at.texts);
    const next = await page(at.next, true);
    if (next.next === at.next) break;
    at = next;
  }
  expect(read).toEqual(whole);
  const last = await page();
  expect(last.texts).toEqual(whole.slice(-10));
  const before = await page(last.back);
  expect(before.texts).toEqual(whole.slice(-20, -10));
  expect((await page(before.next, true)).texts).toEqual(last.texts);
  const start = await page((await page(undefined, true)).back);
  expect(start.texts).toEqual([]);
  expect(start.back).toBe((await page(start.back)).back);
});

test('Events are filtered by pattern, stream and time, and paged', async () => {
  const pages = paginateFilterLogEvents(
    { client },
    { logGroupName: GROUP, filterPattern: 'line -"line 3"', limit: 4, logStreamNamePrefix: 'All' },
  );
  const found = [];
  for await (const { events = [] } of pages) {
    expect(events.length).toBeLessThanOrEqual(4);
    found.push(...events);
  }
  expect(found).toHaveLength(24);
  expect(new Set(found.map(({ eventId }) => eventId)).size).toBe(24);
  const at = found[12]?.timestamp ?? 0;
  const later = { logGroupName: GROUP, startTime: at, logStreamNames: [logStreamName] };
  const { events = [] } = await client.send(new FilterLogEventsCommand(later));
  expect(events.every(({ timestamp = 0 }) => timestamp >= at)).toBe(true);
  expect(events.map(({ message }) => message)).toEqual(
    expect.arrayContaining(
      found.filter(({ timestamp = 0 }) => timestamp >= at).map(({ message }) => message),
    ),
  );
});

test('What does not exist or makes no sense is refused in the service’s words', async () => {
  const notFound = (what: string) => ({
    ...{ code: 'ResourceNotFoundException', status: 400 },
    message: `The specified log ${what} does not exist.`,
  });
  const get = (input: object) =>
    refusal(client.send(new GetLogEventsCommand({ logGroupName: GROUP, logStreamName, ...input })));
  expect(await get({ logGroupName: '/none' })).toEqual(notFound('group'));
  expect(await get({ logStreamName: 'none' })).toEqual(notFound('stream'));
  expect(await get({ nextToken: 'x' })).toEqual({
    ...{ code: 'InvalidParameterException', status: 400 },
    message: 'The specified nextToken is invalid.',
  });
  expect(await get({ limit: 10_001 })).toEqual({
    ...{ code: 'InvalidParameterException', status: 400 },
    message:
      "1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000",
  });
  const prefixed = { logGroupName: GROUP, orderBy: 'LastEventTime', logStreamNamePrefix: 'a' };
  expect(
    await refusal(client.send(new DescribeLogStreamsCommand(prefixed as never))),
  ).toMatchObject({ code: 'InvalidParameterException' });
});

test('The aws command line describes, gets and filters; tail and tail --follow find what they ask for', async () => {
  const env = awsEnvironment(watched.daemon.url, home);
  const aws = (...words: string[]) => succeed(join(clients, 'bin', 'aws'), words, { env });
  const named = ['--log-group-name', GROUP, '--log-stream-name', logStreamName];
  expect(
    JSON.parse(
      await aws('logs', 'get-log-events', ...named, '--limit', '2', '--query', 'events[].message'),
    ),
  ).toEqual(['"line 23"', '"line 24"']);
  const missing = ['logs', 'describe-log-streams', '--log-group-name', '/none'];
  expect(await run(join(clients, 'bin', 'aws'), missing, { env })).toMatchObject({
    code: 255,
    stderr: expect.stringContaining(
      'An error occurred (ResourceNotFoundException) when calling the DescribeLogStreams operation: The specified log group does not exist.',
    ),
  });
  const script = fileURLToPath(new URL('tail.py', import.meta.url));
  const tail = succeed(join(clients, 'bin', 'python'), [script, GROUP, '"the end"'], { env });
  await endpoint.ask('while it follows');
  await endpoint.ask('the end');
  const [first = '', ...followed] = (await tail).trim().split('\n');
  expect(JSON.parse(first)).toEqual(expect.arrayContaining(['"line 0"', '"line 24"']));
  const messages = followed.map((line) => JSON.parse(line).message);
  expect(messages).toEqual([...new Set(messages)]);
  expect(messages.slice(-3)).toEqual(['"line 24"', '"while it follows"', '"the end"']);
}, 60_000);

const ARN = `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${GROUP}`;

test('A Live Tail begins with its session and gives each second what was printed in it, until its reader leaves', async () => {
  const live = new CloudWatchLogsClient({
    ...{ endpoint: watched.daemon.url, region: REGION, credentials: CREDENTIALS },
    disableHostPrefix: true,
  });
  const tail = await live.send(
    new StartLiveTailCommand({
      logGroupIdentifiers: [ARN],
      logStreamNamePrefixes: ['AllTraffic/'],
      logEventFilterPattern: 'live -dead',
    }),
  );
  const seen: LiveTailSessionLogEvent[] = [];
  let updates = 0;
  for await (const { sessionStart, sessionUpdate } of tail.responseStream ?? []) {
    if (sessionStart !== undefined) {
      expect(sessionStart).toMatchObject({
        sessionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        logGroupIdentifiers: [ARN],
        logStreamNames: [],
        logStreamNamePrefixes: ['AllTraffic/'],
        logEventFilterPattern: 'live -dead',
      });
      for (const line of ['live 1', 'dead live', 'other', 'live 2']) await endpoint.ask(line);
    }
    if (sessionUpdate === undefined) continue;
    updates += 1;
    expect(sessionUpdate.sessionMetadata).toEqual({ sampled: false });
    seen.push(...(sessionUpdate.sessionResults ?? []));
    if (seen.length >= 2 && sessionUpdate.sessionResults?.length === 0) break;
  }
  live.destroy();
  expect(updates).toBeGreaterThan(1);
  expect(seen.map(({ message }) => message)).toEqual(['"live 1"', '"live 2"']);
  expect(seen[0]).toEqual({
    ...{ logStreamName, logGroupIdentifier: `${ACCOUNT}:${GROUP}`, message: '"live 1"' },
    ...{ timestamp: expect.any(Number), ingestionTime: expect.any(Number) },
  });
}, 30_000);

test.each([
  [{ logGroupIdentifiers: [`${ARN}-none`] }, 'ResourceNotFoundException'],
  [{ logGroupIdentifiers: [GROUP] }, 'InvalidParameterException'],
  [{ logGroupIdentifiers: [`${ARN}:*`] }, 'InvalidParameterException'],
  [{ logGroupIdentifiers: [] }, 'InvalidParameterException'],
  [
    { logGroupIdentifiers: [ARN], logStreamNames: ['a'], logStreamNamePrefixes: ['b'] },
    'InvalidParameterException',
  ],
  [{ logGroupIdentifiers: [ARN, ARN], logStreamNames: ['a'] }, 'InvalidParameterException'],
  [
    { logGroupIdentifiers: [ARN], logEventFilterPattern: '{ $.a = 1 }' },
    'InvalidParameterException',
  ],
])('A Live Tail that makes no sense is refused before it begins: %j', async (input, code) => {
  const live = new CloudWatchLogsClient({
    ...{ endpoint: watched.daemon.url, region: REGION, credentials: CREDENTIALS, maxAttempts: 1 },
    disableHostPrefix: true,
  });
  expect(await refusal(live.send(new StartLiveTailCommand(input)))).toMatchObject({
    ...{ code, status: 400 },
  });
  live.destroy();
});

test('The aws command line and boto3 have a Live Tail as they come, in the environment that smlocal gives', async () => {
  const env = awsEnvironment(watched.daemon.url, home);
  const program = `
import boto3
tail = boto3.client("logs").start_live_tail(logGroupIdentifiers=["${ARN}"], logStreamNames=["${logStreamName}"])
for event in tail["responseStream"]:
    if "sessionStart" in event:
        print("started", flush=True)
    for line in event.get("sessionUpdate", {}).get("sessionResults", []):
        print(line["message"], flush=True)
`;
  const commands = [
    [join(clients, 'bin', 'python'), '-u', '-c', program],
    [join(clients, 'bin', 'aws'), 'logs', 'start-live-tail', '--log-group-identifiers', ARN],
  ];
  const tails = commands.map(([command = '', ...words]) => spawn(command, words, { env }));
  const printed = tails.map((tail) => {
    const lines: string[] = [];
    tail.stdout.on('data', (piece: Buffer) => lines.push(piece.toString()));
    tail.stderr.on('data', (piece: Buffer) => lines.push(piece.toString()));
    return () => lines.join('');
  });
  try {
    // When the command line's session has begun nothing tells: it is asked until both have seen a line.
    await vi.waitFor(
      async () => {
        await endpoint.ask('seen live');
        for (const text of printed) expect(text()).toContain('"seen live"');
      },
      { timeout: 30_000, interval: 500 },
    );
  } finally {
    for (const tail of tails) tail.kill('SIGKILL');
  }
}, 40_000);

test('Logs outlive their endpoint, until they are deleted', async () => {
  const { daemon } = watched;
  await daemon.control('DeleteEndpoint', { EndpointName: 'printing' });
  await vi.waitFor(() => expect(daemon.endpoints).toEqual([]), { timeout: 20_000 });
  expect(await all()).toContain('"the end"');
  await client.send(new DeleteLogGroupCommand({ logGroupName: GROUP }));
  expect(await refusal(client.send(new DeleteLogGroupCommand({ logGroupName: GROUP })))).toEqual({
    ...{ code: 'ResourceNotFoundException', status: 400 },
    message: 'The specified log group does not exist.',
  });
});
