import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { proxied } from './proxied.js';

const post = (url: string, body: string | Buffer = 'x', headers: Record<string, string> = {}) =>
  fetch(url, { method: 'POST', body, headers });

test('The container sees the headers that it is to see, and no other of the client’s', async () => {
  const seen: { headers?: IncomingHttpHeaders } = {};
  const { url, container } = await proxied(
    (incoming, response) => {
      seen.headers = incoming.headers;
      response.end();
    },
    { headers: { 'content-type': 'text/csv', 'user-agent': 'AHC/2.0' } },
  );
  await post(url, 'x', { 'x-secret': 'yes', authorization: 'AWS4', cookie: 'a=b' });
  const { port } = container.address() as { port: number };
  expect(seen.headers).toEqual({
    host: `127.0.0.1:${port}`,
    connection: 'keep-alive',
    'content-length': '1',
    'content-type': 'text/csv',
    'user-agent': 'AHC/2.0',
  });
});

test('The client sees the headers that the service makes of the container’s', async () => {
  const { url } = await proxied(
    (_request, response) => {
      response.setHeader('x-inner', 'seen here').end('hello');
    },
    { responseHeaders: (headers) => ({ 'x-outer': `was ${headers['x-inner']}` }) },
  );
  const { headers } = await post(url);
  expect(headers.get('x-outer')).toBe('was seen here');
  expect(headers.has('x-inner')).toBe(false);
});

test('An answer without a content type is passed on without one', async () => {
  const { url } = await proxied((_request, response) => response.end('hello'));
  const response = await post(url);
  expect(response.headers.has('content-type')).toBe(false);
  expect(await response.text()).toBe('hello');
});

test.each([200, 201, 202, 204, 206, 304])(
  'A container’s %i is a good answer, and is 200 to the client',
  async (status) => {
    const { url, outcome } = await proxied((incoming, response) => {
      incoming.resume();
      response.writeHead(status).end();
    });
    const response = await post(url);
    expect([response.status, await response.text()]).toEqual([200, '']);
    expect(await outcome()).toEqual({ kind: 'answered' });
  },
);

test.each([400, 404, 413, 500, 503])(
  'A container’s %i is told with its body, and nothing is written to the client',
  async (status) => {
    const { url, outcome } = await proxied((incoming, response) => {
      incoming.resume();
      response.writeHead(status).end('{"error":"bad"}');
    });
    expect((await post(url)).status).toBe(599);
    const ended = await outcome();
    expect(ended).toMatchObject({ kind: 'error-status', statusCode: status, whole: true });
    expect(ended.kind === 'error-status' && ended.body.toString()).toBe('{"error":"bad"}');
  },
);

test('Of an error’s endless body only the beginning is kept', async () => {
  const { url, outcome } = await proxied((incoming, response) => {
    incoming.resume();
    response.writeHead(500).end(Buffer.alloc(5_000_000, 'e'));
  });
  await post(url);
  const ended = await outcome();
  expect(ended).toMatchObject({ kind: 'error-status', whole: false });
  expect(ended.kind === 'error-status' && ended.body.length).toBeLessThan(1_200_000);
});

test.each([
  [200, { kind: 'answered' }],
  [413, { kind: 'error-status', statusCode: 413 }],
])('A %i that comes before a large body has been read is the answer', async (status, expected) => {
  const { url, outcome } = await proxied(
    (_request, response) => {
      response.writeHead(status).end('enough');
    },
    { maxBodyBytes: 25_000_000 },
  );
  const response = await post(url, Buffer.alloc(20_000_000));
  expect(await response.text()).toBe(status === 200 ? 'enough' : '');
  expect(await outcome()).toMatchObject(expected);
});

test('A container that refuses connections gives no answer', async () => {
  const { url, outcome, container } = await proxied(() => undefined);
  container.close();
  await once(container, 'close');
  await post(url);
  expect(await outcome()).toEqual({
    kind: 'no-answer',
    reason: expect.stringContaining('ECONNREFUSED'),
  });
});

test('A container that closes the connection without an answer gives none', async () => {
  const { url, outcome } = await proxied((incoming) => incoming.socket.destroy());
  await post(url);
  expect(await outcome()).toMatchObject({ kind: 'no-answer' });
});

test('What is not HTTP is no answer', async () => {
  const server = createServer();
  server.on('connection', (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
  const { url, outcome } = await proxied(server);
  await post(url);
  expect(await outcome()).toMatchObject({ kind: 'no-answer' });
});

test('A container that closes idle connections costs no invocation', async () => {
  const server = createServer(async (incoming, response) => {
    await buffer(incoming);
    response.end('ok');
  });
  server.keepAliveTimeout = 1;
  const { url, outcome } = await proxied(server);
  for (let count = 0; count < 20; count += 1) {
    const closed = new Promise((resolve) => {
      server.once('connection', (socket) => socket.once('close', resolve));
    });
    expect(await (await post(url)).text()).toBe('ok');
    expect(await outcome()).toEqual({ kind: 'answered' });
    server.closeIdleConnections();
    await closed;
  }
});

test('An answer that breaks off midway ends the client’s connection', async () => {
  const { url, outcome } = await proxied((_request, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('only this', () => response.destroy());
  });
  const response = await post(url);
  await expect(response.text()).rejects.toThrow();
  await outcome();
});

test('A chunked answer that breaks off midway ends the client’s connection too', async () => {
  const { url, outcome } = await proxied((_request, response) => {
    response.write('only this', () => response.destroy());
  });
  await expect(post(url).then((response) => response.text())).rejects.toThrow();
  await outcome();
});
