import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { type Asker, openAsker, type Question } from '../../src/bench/ask.js';
import { loadPayloads } from '../../src/bench/payloads.js';
import { runSession } from '../../src/bench/session.js';
import { ExitCode } from '../../src/errors.js';
import { CREDENTIALS, REGION } from '../support/test-daemon.js';

/* Requests to servers that do what an endpoint's service may do. */

const started: { server?: Server; asker?: Asker } = {};
afterEach(() => {
  started.asker?.dispose();
  started.server?.close();
  started.server?.closeAllConnections();
});

async function asking(answer: RequestListener, timeoutMs = 20_000) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  started.server = server;
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const settings = { endpoint, region: REGION, credentials: CREDENTIALS };
  const asker = await openAsker(settings, { connections: 2, timeoutMs });
  started.asker = asker;
  const payloads = await loadPayloads({ kind: 'bytes', bytes: Buffer.from('[1]') });
  const question: Question = { endpointName: 'e', contentType: 'text/x', accept: 'a/b', payloads };
  const send = async (index = 0) => {
    await asker.ready(question, index);
    return asker.send(question, index);
  };
  return { server, asker, question, send };
}

test('A request is InvokeEndpoint as the SDK would send it, over a connection that is kept', async () => {
  const seen: { url?: string; headers: NodeJS.Dict<string | string[]>; body: string }[] = [];
  const ports = new Set<number | undefined>();
  const { send } = await asking((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      seen.push({ url: request.url, headers: request.headers, body });
      ports.add(request.socket.remotePort);
      response.setHeader('x-Amzn-Invoked-Production-Variant', 'B').end('[2]');
    });
  });
  for (let index = 0; index < 3; index += 1)
    expect(await send(index)).toEqual({ ok: true, variant: 'B' });
  expect(ports.size).toBe(1);
  expect(seen).toHaveLength(3);
  expect(seen[2]).toMatchObject({
    ...{ url: '/endpoints/e/invocations', body: '[1]' },
    headers: {
      ...{ 'content-type': 'text/x', accept: 'a/b', 'content-length': '3' },
      authorization: expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=test\/.*\/sagemaker\/aws4_request/,
      ),
    },
  });
});

test('Errors are told apart by status and code, and a model’s by what the model answered', async () => {
  const answers: [number, string, object][] = [
    [424, 'ModelError', { OriginalStatusCode: 503, OriginalMessage: 'too hot', message: 'long' }],
    [429, 'ThrottlingException:http://internal', { message: 'Slow down.' }],
    [403, 'AccessDeniedException', { Message: 'Not yours.' }],
  ];
  let next = 0;
  const { send } = await asking((request, response) => {
    request.resume();
    const [status, type, body] = answers[next++] ?? [200, '', {}];
    response.writeHead(status, { 'x-amzn-ErrorType': type }).end(JSON.stringify(body));
  });
  const kind = (text: string, message: string, reached: boolean) => ({
    ok: false,
    kind: text,
    message,
    reached,
  });
  expect(await send()).toEqual(kind('ModelError 424, the model answered 503', 'too hot', true));
  expect(await send()).toEqual(kind('ThrottlingException 429', 'Slow down.', true));
  expect(await send()).toEqual(kind('AccessDeniedException 403', 'Not yours.', false));
});

test('A server that says nothing, one that hangs up, and one that breaks off are told apart', async () => {
  const silent = await asking(() => undefined, 50);
  expect(await silent.send()).toMatchObject({ kind: 'no answer in 0.05 s', reached: true });
  silent.server.closeAllConnections();
  const rude = await asking((request) => request.socket.destroy());
  expect(await rude.send()).toMatchObject({ kind: 'connection: ECONNRESET', reached: false });
  const halved = await asking((_, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('half');
    setImmediate(() => response.socket?.destroy());
  });
  expect(await halved.send()).toMatchObject({ kind: 'connection: ECONNRESET' });
});

test('A connection that the server closed while nothing was asked is no failure', async () => {
  // The second request of a connection is never answered: it is closed, as it would be when it had been idle for too long.
  const asked = new Map<object, number>();
  const { send } = await asking((request, response) => {
    const before = asked.get(request.socket) ?? 0;
    asked.set(request.socket, before + 1);
    if (before > 0) request.socket.destroy();
    else response.end('[2]');
  });
  for (let index = 0; index < 3; index += 1) expect(await send()).toMatchObject({ ok: true });
  expect([...asked.values()]).toEqual([2, 2, 1]);
});

test('What will be sent is signed before it is measured, and signed anew in time', async () => {
  const { asker, question } = await asking((_, response) => response.end());
  const bodies = Array.from({ length: 1001 }, (_, index) => Buffer.from(`${index}`));
  const payloads = {
    ...question.payloads,
    at: (index: number) => bodies[index % 1001] ?? Buffer.alloc(0),
    count: 1001,
  };
  const many = { ...question, payloads };
  await asker.prepare(many);
  expect([0, 999, 1001].map((index) => asker.ready(many, index))).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  await asker.ready(many, 1000);
  expect(asker.ready(many, 1000)).toBeUndefined();
  // Its clock begins at zero, somewhere before now; an hour later is later in any case.
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  vi.advanceTimersByTime(3_600_000);
  const again = asker.ready(many, 0);
  expect(again).toBeInstanceOf(Promise);
  await again;
  expect(asker.ready(many, 0)).toBeUndefined();
  expect(await asker.send(many, 0)).toMatchObject({ ok: true });
});

test('Where nobody answers it gives up, and says why', async () => {
  const { server, asker, question } = await asking((_, response) => response.end());
  server.close();
  await once(server, 'close');
  const parts = {
    ...{ asker, questions: [question] as const, levels: [2], rounds: 10 },
    ...{ signal: new AbortController().signal, onActivity: () => {}, onRecorder: () => {} },
  };
  const load = { durationMs: 3_600_000 };
  await expect(runSession({ ...parts, load, warmUp: load })).rejects.toMatchObject({
    message: expect.stringMatching(
      /^None of \d+ requests got as far as e: connection: ECONNREFUSED/,
    ),
    exitCode: ExitCode.endpointFailed,
  });
  const session = await runSession({ ...parts, load, warmUp: undefined });
  expect(session.unreachable).toBe(true);
  expect(session.runs[0]).toMatchObject({
    answered: 0,
    errors: [{ kind: 'connection: ECONNREFUSED' }],
  });
  expect(session.runs[0]?.failed).toBeGreaterThanOrEqual(49);
});
