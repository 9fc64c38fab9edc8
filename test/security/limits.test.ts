import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { WIRE_LIMITS } from '../../src/wire/limits.js';
import { useServed } from '../support/served.js';
import { listModels, parse, rawRequest } from './raw-request.js';

/** Reads all of a request, as containers do, before it answers. */
const container: { answer: RequestListener } = {
  answer: (request, response) =>
    void text(request).then(
      (body) => response.end(`got ${body}`),
      () => response.destroy(), // Its client was closed halfway.
    ),
};

const served = useServed(container, {
  limits: {
    ...WIRE_LIMITS,
    ...{ headerBytes: 8192, headerCount: 30, connections: 3, pipelined: 4 },
    ...{ headersMs: 1_000, silenceMs: 1_000, requestMs: 20_000, checkMs: 20 },
  },
});

const sockets: Socket[] = [];
afterEach(async () => {
  const open = sockets.splice(0).filter((socket) => !socket.closed);
  await Promise.all(open.map((socket) => [once(socket, 'close'), socket.destroy()][0]));
});

async function connection(): Promise<Socket> {
  const socket = connect(served.port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

test('Headers that are too large together are refused in AWS’s shape', async () => {
  const answer = await rawRequest(
    served.port,
    listModels('localhost', `X-Big: ${'x'.repeat(9000)}`),
    '{}',
  );
  expect(answer.status).toBe(431);
  expect(JSON.parse(answer.body).__type).toBe('RequestHeaderSectionTooLarge');
});

test('Too many headers are refused, and none is dropped in silence', async () => {
  const many = Array.from({ length: 40 }, (_, index) => `X-${index}: 1`);
  const answer = await rawRequest(served.port, listModels('localhost', ...many), '{}');
  expect(answer.status).toBe(431);
  expect(JSON.parse(answer.body).message).toBe('The request has more than 30 headers.');
});

test('A client that does not finish its headers is told so and closed', async () => {
  const socket = await connection();
  socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ');
  const answer = parse(await text(socket));
  expect(answer.status).toBe(408);
  expect(JSON.parse(answer.body).__type).toBe('RequestTimeout');
});

test('A client that sends nothing more of its body is told so in its dialect and closed', async () => {
  const control = await connection();
  control.write(
    `${listModels('localhost').join('\r\n').replace('Content-Length: 2', 'Content-Length: 9')}\r\n\r\n{`,
  );
  const answer = parse(await text(control));
  expect(answer.status).toBe(408);
  expect(JSON.parse(answer.body).__type).toBe('RequestTimeout');

  const runtime = await connection();
  runtime.write(
    'POST /endpoints/e/invocations HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{',
  );
  expect(parse(await text(runtime)).status).toBe(408);
});

test('A client that sends slowly but steadily is waited for', async () => {
  const socket = await connection();
  const body = `{${' '.repeat(8)}}`;
  socket.write(
    `${listModels('localhost').join('\r\n').replace('Content-Length: 2', 'Content-Length: 10')}\r\n\r\n`,
  );
  const answered = text(socket);
  let sent = 0;
  const timer = setInterval(() => {
    socket.write(body.slice(sent, sent + 1));
    sent += 1;
    if (sent === body.length) clearInterval(timer);
  }, 150);
  expect(parse(await answered)).toMatchObject({ status: 200 });
});

test('A container may take longer over its answer than a client over its request', async () => {
  const quick = container.answer;
  container.answer = (request, response) =>
    void request.resume().once('end', () => setTimeout(() => response.end('late'), 1_500));
  try {
    const lines = [
      'POST /endpoints/e/invocations HTTP/1.1',
      'Host: localhost',
      'Connection: close',
      'Content-Length: 1',
    ];
    expect(await rawRequest(served.port, lines, 'x')).toMatchObject({ status: 200, body: 'late' });
  } finally {
    container.answer = quick;
  }
});

test('Connections above the limit are told so, and are welcome when others have gone', async () => {
  const held = [await connection(), await connection(), await connection()];
  const refused = await rawRequest(served.port, listModels('localhost'), '{}');
  expect(refused.status).toBe(503);
  expect(JSON.parse(refused.body).__type).toBe('ServiceUnavailable');
  const gone = once(held[0] as Socket, 'close');
  held[0]?.destroy();
  await gone;
  await expect
    .poll(async () => (await rawRequest(served.port, listModels('localhost'), '{}')).status)
    .toBe(200);
});

test('Requests that are sent ahead are answered in order up to the limit, and what is more is refused', async () => {
  const socket = await connection();
  const one =
    'POST /endpoints/e/invocations HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx';
  socket.write(one.repeat(12));
  const statuses = [...(await text(socket)).matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) =>
    Number(status),
  );
  expect(statuses.slice(0, 4)).toEqual([200, 200, 200, 200]);
  expect(statuses.at(-1)).toBe(503);
});

test.each([
  [
    'two lengths',
    'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}',
  ],
  [
    'a length and chunks',
    'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  ['a bad chunk', 'POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
  ['no HTTP', '\u0016\u0003\u0001\u0000\r\n\r\n'],
  ['a NUL in a header', 'GET / HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n'],
])('What is not well-formed is refused and the server goes on: %s', async (_name, bytes) => {
  const socket = await connection();
  socket.write(bytes);
  const said = await text(socket);
  // A request that had begun to be answered cannot be answered again: its connection only ends.
  expect(said).not.toMatch(/^HTTP\/1\.1 [^4]/m);
  expect((await rawRequest(served.port, listModels('localhost'), '{}')).status).toBe(200);
});
