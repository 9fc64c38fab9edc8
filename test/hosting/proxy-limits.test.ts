import { once } from 'node:events';
import { request } from 'node:http';
import { expect, test, vi } from 'vitest';
import { proxied } from './proxied.js';

test('A container that does not answer in time is given up, and told so', async () => {
  const aborted: { by?: boolean } = {};
  const { url, outcome } = await proxied(
    (incoming, response) => {
      incoming.resume();
      response.once('close', () => {
        aborted.by = true;
      });
    },
    { timeoutMs: 50 },
  );
  await fetch(url, { method: 'POST', body: 'x' });
  expect(await outcome()).toEqual({ kind: 'timed-out' });
  await vi.waitFor(() => expect(aborted.by).toBe(true));
});

test('A container that has begun to answer in time and does not end ends the client’s connection', async () => {
  const { url, outcome } = await proxied((_request, response) => response.write('begun'), {
    timeoutMs: 100,
  });
  const response = await fetch(url, { method: 'POST', body: 'x' });
  await expect(response.text()).rejects.toThrow();
  await outcome();
});

test('Where its framing can say so, an answer that does not end in time ends with its last words', async () => {
  const { url } = await proxied((_request, response) => response.write('begun'), {
    timeoutMs: 1_000,
    framing: {
      part: (chunk) => Buffer.concat([Buffer.from('<'), chunk, Buffer.from('>')]),
      broken: (timedOut) => Buffer.from(timedOut ? 'out of time' : 'broken off'),
    },
  });
  const response = await fetch(url, { method: 'POST', body: 'x' });
  expect(await response.text()).toBe('<begun>out of time');
});

test('A body that says it is too large never reaches the container', async () => {
  const called = vi.fn();
  const { url, outcome } = await proxied(called, { maxBodyBytes: 10 });
  await fetch(url, { method: 'POST', body: 'x'.repeat(11) });
  expect(await outcome()).toEqual({ kind: 'too-large' });
  expect(called).not.toHaveBeenCalled();
});

test('A body of exactly the limit is let through', async () => {
  const { url, outcome } = await proxied((incoming, response) => incoming.pipe(response), {
    maxBodyBytes: 10,
  });
  await fetch(url, { method: 'POST', body: 'x'.repeat(10) });
  expect(await outcome()).toEqual({ kind: 'answered' });
});

test('A chunked body that turns out too large is cut off', async () => {
  const { port, outcome } = await proxied((incoming) => incoming.resume(), { maxBodyBytes: 10 });
  const sent = request({ host: '127.0.0.1', port, method: 'POST', agent: false });
  sent.on('error', () => undefined);
  sent.write('x'.repeat(6));
  sent.end('x'.repeat(6));
  const [response] = await once(sent, 'response');
  expect(response.statusCode).toBe(599);
  response.resume();
  expect(await outcome()).toEqual({ kind: 'too-large' });
});

test('A client that goes away before the answer ends the call to the container', async () => {
  const seen = { called: false, closed: false };
  const { port, outcome } = await proxied((_request, response) => {
    seen.called = true;
    response.once('close', () => {
      seen.closed = true;
    });
  });
  const sent = request({ host: '127.0.0.1', port, method: 'POST', agent: false });
  sent.on('error', () => undefined);
  sent.end('x');
  await vi.waitFor(() => expect(seen.called).toBe(true));
  sent.destroy();
  expect(await outcome()).toEqual({ kind: 'client-gone' });
  await vi.waitFor(() => expect(seen.closed).toBe(true));
});

test.each([
  ['small', 100],
  ['large', 200_000],
])(
  'A client that goes away within a %s body ends the call to the container',
  async (_what, length) => {
    const seen = { began: false, aborted: false };
    const { port, outcome } = await proxied((incoming) => {
      incoming.on('error', () => undefined);
      incoming.once('data', () => {
        seen.began = true;
      });
      incoming.once('close', () => {
        seen.aborted = true;
      });
    });
    const headers = { 'content-length': length };
    const sent = request({ host: '127.0.0.1', port, method: 'POST', agent: false, headers });
    sent.on('error', () => undefined);
    sent.write('x'.repeat(50));
    await vi.waitFor(() => expect(seen.began).toBe(true));
    sent.destroy();
    expect(await outcome()).toEqual({ kind: 'client-gone' });
    await vi.waitFor(() => expect(seen.aborted).toBe(true));
  },
);

test('Invocations in flight are counted, and whoever drains waits for them', async () => {
  const answer: { now: () => void } = { now: () => undefined };
  const { url, backend, outcome } = await proxied((incoming, response) => {
    incoming.resume();
    answer.now = () => response.end('ok');
  });
  const sent = fetch(url, { method: 'POST', body: 'x' });
  await vi.waitFor(() => expect(backend.outstanding).toBe(1));
  const drained = backend.drained(new AbortController().signal);
  let done = false;
  const watched = drained.then(() => {
    done = true;
  });
  await vi.waitFor(() => {
    answer.now();
    expect(done).toBe(true);
  });
  await watched;
  expect(backend.outstanding).toBe(0);
  expect(await (await sent).text()).toBe('ok');
  await outcome();
});

test('Whoever drains stops waiting when told to', async () => {
  const { url, backend } = await proxied((incoming) => incoming.resume());
  const sent = fetch(url, { method: 'POST', body: 'x' }).catch(() => undefined);
  await vi.waitFor(() => expect(backend.outstanding).toBe(1));
  const stop = new AbortController();
  const drained = backend.drained(stop.signal);
  stop.abort();
  await drained;
  await backend.close();
  await sent;
});
