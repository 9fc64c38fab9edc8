import { once } from 'node:events';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { buffer, text } from 'node:stream/consumers';
import { expect, test, vi } from 'vitest';
import { proxied } from './proxied.js';

/** A request whose body the test sends as it likes. */
function open(port: number, headers: Record<string, string> = {}) {
  return request({ host: '127.0.0.1', port, method: 'POST', agent: false, headers });
}

test('The first bytes of a body reach the container before the last are sent', async () => {
  const got: { first?: string; encoding?: string } = {};
  const { port } = await proxied(async (incoming, response) => {
    const [chunk] = await once(incoming, 'data');
    got.first = String(chunk);
    got.encoding = incoming.headers['transfer-encoding'];
    response.end(await text(incoming));
  });
  const sent = open(port);
  sent.write('first ');
  await vi.waitFor(() => expect(got.first).toBe('first '));
  expect(got.encoding).toBe('chunked');
  sent.end('last');
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  expect(await text(response)).toBe('last');
});

test('The first bytes of an answer reach the client before the last are sent', async () => {
  const answers: ServerResponse[] = [];
  const { port } = await proxied((_request, response) => {
    answers.push(response);
    response.write('first ');
  });
  const sent = open(port).end('x');
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const [chunk] = await once(response, 'data');
  expect(String(chunk)).toBe('first ');
  answers[0]?.end('last');
  expect(await text(response)).toBe('last');
});

test.each([
  ['1 byte', 1],
  ['exactly as much as is sent straight on', 64 * 1024],
  ['one byte more', 64 * 1024 + 1],
  ['25 MB', 25_000_000],
])('A body of %s arrives whole and comes back whole', async (_what, length) => {
  const { url, outcome } = await proxied(
    async (incoming, response) => {
      response.end(await buffer(incoming));
    },
    { maxBodyBytes: 25 * 1024 * 1024 },
  );
  const body = Buffer.alloc(length, 'abc');
  const response = await fetch(url, { method: 'POST', body });
  expect(Buffer.from(await response.arrayBuffer()).equals(body)).toBe(true);
  expect(await outcome()).toEqual({ kind: 'answered' });
});

test('A body whose length nobody has said arrives whole', async () => {
  const { port } = await proxied((incoming, response) => incoming.pipe(response));
  const sent = open(port, { 'transfer-encoding': 'chunked' });
  sent.write('one ');
  sent.end('two');
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  expect(await text(response)).toBe('one two');
});

test('No body at all is sent as a body of length zero', async () => {
  const { url } = await proxied((incoming, response) => {
    response.end(`${incoming.method} ${incoming.url} ${incoming.headers['content-length']}`);
  });
  const response = await fetch(url, { method: 'POST' });
  expect(await response.text()).toBe('POST /invocations 0');
});

test('A slow client holds the container back: the answer is not gathered here', async () => {
  const written: { bytes: number } = { bytes: 0 };
  const chunk = Buffer.alloc(64 * 1024);
  const { port, outcome } = await proxied((_request, response) => {
    const more = () => {
      while (written.bytes < 200_000_000) {
        written.bytes += chunk.length;
        if (!response.write(chunk)) return;
      }
    };
    response.on('drain', more).on('error', () => undefined);
    more();
  });
  const sent = open(port).end('x');
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.pause();
  let before = -1;
  await vi.waitFor(
    () => {
      const stalled = before === written.bytes;
      before = written.bytes;
      expect(stalled).toBe(true);
    },
    { interval: 200, timeout: 5_000 },
  );
  expect(written.bytes).toBeLessThan(50_000_000);
  sent.destroy();
  expect(await outcome()).toEqual({ kind: 'client-gone' });
});

test('Requests follow each other on one connection to the container', async () => {
  const sockets = new Set<unknown>();
  const { url, outcome } = await proxied((incoming, response) => {
    sockets.add(incoming.socket);
    incoming.resume().once('end', () => response.end('ok'));
  });
  for (let count = 0; count < 5; count += 1) {
    await (await fetch(url, { method: 'POST', body: 'x' })).text();
    await outcome();
  }
  expect(sockets.size).toBe(1);
});
