import { expect, test } from 'vitest';
import { useServed } from '../support/served.js';
import { listModels, rawRequest } from './raw-request.js';

const served = useServed(
  { answer: (_request, response) => response.end('answer') },
  { allowedHosts: ['host.docker.internal', '*.s3.test'] },
);

const ask = (host: string | undefined, ...more: string[]) =>
  rawRequest(served.port, listModels(host, ...more), '{}');

test.each([
  'localhost',
  'LOCALHOST:4577',
  '127.0.0.1:4577',
  '127.1.2.3',
  '[::1]:4577',
  'bucket.localhost:4577',
  'bucket.s3.localhost',
  'host.docker.internal:4577',
  'bucket.s3.test',
])('A request addressed to %s is let in', async (host) => {
  expect(await ask(host)).toMatchObject({ status: 200, body: '{"Models":[]}' });
});

test.each([
  'evil.example',
  'localhost.evil.example',
  '127.0.0.1.evil.example',
  'evillocalhost',
  '10.0.0.1',
  '0.0.0.0',
  '[::ffff:10.0.0.1]',
  's3.test',
  'localhost:4577@evil.example',
  'localhost, evil.example',
  'localhost/',
  '',
])('A request addressed to %j is refused', async (host) => {
  const refused = await ask(host);
  expect(refused.status).toBe(403);
  expect(JSON.parse(refused.body)).toMatchObject({
    __type: 'AccessDeniedException',
    message: expect.stringContaining('does not answer to the host name'),
  });
});

test('A request of HTTP/1.0 that names no host is refused', async () => {
  const lines = ['GET / HTTP/1.0'];
  expect((await rawRequest(served.port, lines)).status).toBe(403);
});

test('A request whose first line names a host of its own is refused', async () => {
  const lines = ['GET http://evil.example/ HTTP/1.1', 'Host: localhost', 'Connection: close'];
  expect((await rawRequest(served.port, lines)).status).toBe(400);
});

test.each(['https://evil.example', 'http://localhost:1', 'null', 'http://localhost.evil.example'])(
  'A web page of %s is refused',
  async (origin) => {
    const refused = await ask('localhost:4577', `Origin: ${origin}`);
    expect(refused.status).toBe(403);
    expect(refused.head).not.toMatch(/access-control/i);
  },
);

test('A page of smlocal’s own is let in', async () => {
  expect((await ask('localhost:4577', 'Origin: http://localhost:4577')).status).toBe(200);
});

test('What a browser fetches for another site is refused even where it sends no Origin', async () => {
  expect(
    (await ask('localhost', 'Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: no-cors')).status,
  ).toBe(403);
  expect((await ask('localhost', 'Sec-Fetch-Site: none', 'Sec-Fetch-Mode: navigate')).status).toBe(
    200,
  );
});

test('No preflight is granted, and no answer has a CORS header', async () => {
  const lines = [
    ...['OPTIONS /endpoints/e/invocations HTTP/1.1', 'Host: localhost', 'Connection: close'],
    ...['Origin: https://evil.example', 'Access-Control-Request-Method: POST'],
  ];
  const refused = await rawRequest(served.port, lines);
  expect(refused).toMatchObject({ status: 403 });
  expect(refused.head).not.toMatch(/access-control/i);
  expect((await ask('localhost')).head).not.toMatch(/access-control/i);
});

test('The admin API is guarded as the rest is, and a refused invocation reaches no container', async () => {
  for (const path of ['/_smlocal/status', '/endpoints/e/invocations', '/bucket/key']) {
    const lines = [
      `POST ${path} HTTP/1.1`,
      'Host: evil.example',
      'Content-Length: 0',
      'Connection: close',
    ];
    const refused = await rawRequest(served.port, lines);
    expect(refused.status).toBe(403);
    expect(refused.body).toContain('evil.example');
  }
});
