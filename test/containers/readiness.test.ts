import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import type { Address, ExitStatus } from '../../src/containers/engine.js';
import { pingLifetime, waitUntilReady } from '../../src/containers/readiness.js';

const NEVER = new Promise<ExitStatus>(() => {});
const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function serve(listener: RequestListener): Promise<{ server: Server; address: Address }> {
  const server = createServer(listener);
  servers.push(server);
  return { server, address: await listen(server, 0) };
}

async function listen(server: Server, port: number): Promise<Address> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

/** A port on which nothing listens. */
async function freeAddress(): Promise<Address> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return { host: '127.0.0.1', port };
}

async function openConnections(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
  });
}

test('A server that answers 200 is ready, and is asked as SageMaker asks', async () => {
  const asked: unknown[] = [];
  const { address } = await serve(({ method, url, headers }, response) => {
    asked.push([method, url, headers['user-agent']]);
    response.end();
  });
  expect(await waitUntilReady(address, { timeoutMs: 5_000, exited: NEVER })).toEqual({
    ready: true,
  });
  expect(asked[0]).toEqual(['GET', '/ping', 'AHC/2.0']);
});

test('The first moment at which a server listens is noticed within 50 ms', async () => {
  const address = await freeAddress();
  const server = createServer((_, response) => response.end());
  servers.push(server);
  const waiting = waitUntilReady(address, { timeoutMs: 5_000, exited: NEVER });
  setTimeout(() => void listen(server, address.port), 120);
  const listening = new Promise<number>((resolve) => {
    server.once('listening', () => resolve(performance.now()));
  });
  await waiting;
  expect(performance.now() - (await listening)).toBeLessThan(50);
});

test('A server that took connections and never answers them is seen to be ready within 50 ms', async () => {
  let readyAt = Number.POSITIVE_INFINITY;
  const { address } = await serve((_, response) => {
    if (performance.now() >= readyAt) response.end();
  });
  setTimeout(() => {
    readyAt = performance.now();
  }, 1_500);
  await waitUntilReady(address, { timeoutMs: 5_000, exited: NEVER });
  expect(performance.now() - readyAt).toBeLessThan(50);
});

test('A server that answers its first ping late is given up to two seconds for it', async () => {
  const { address } = await serve((_, response) => {
    setTimeout(() => response.end(), 1_200);
  });
  const began = performance.now();
  expect(await waitUntilReady(address, { timeoutMs: 9_000, exited: NEVER })).toEqual({
    ready: true,
  });
  expect(performance.now() - began).toBeLessThan(1_400);
});

test('A hanging server has a bounded number of connections, and none when the waiting ends', async () => {
  const { server, address } = await serve(() => {});
  let most = 0;
  let open = 0;
  server.on('connection', (socket) => {
    most = Math.max(most, ++open);
    socket.on('close', () => open--);
  });
  const result = await waitUntilReady(address, { timeoutMs: 1_000, exited: NEVER });
  expect(result).toEqual({ ready: false, cause: 'timed-out', lastAnswer: 'no answer' });
  expect(most).toBeLessThanOrEqual(10);
  await vi.waitFor(async () => expect(await openConnections(server)).toBe(0));
});

test('A time-out tells the last status', async () => {
  const { address } = await serve((_, response) => response.writeHead(503).end());
  expect(await waitUntilReady(address, { timeoutMs: 200, exited: NEVER })).toEqual({
    ready: false,
    cause: 'timed-out',
    lastAnswer: 'HTTP 503',
  });
});

test('A time-out tells that nothing listened', async () => {
  const address = await freeAddress();
  expect(await waitUntilReady(address, { timeoutMs: 200, exited: NEVER })).toEqual({
    ready: false,
    cause: 'timed-out',
    lastAnswer: 'the connection was refused',
  });
});

test('A container that ends ends the waiting at once', async () => {
  const status = { exitCode: 1, outOfMemory: false };
  const address = await freeAddress();
  const result = await waitUntilReady(address, {
    timeoutMs: 60_000,
    exited: Promise.resolve(status),
  });
  expect(result).toEqual({ ready: false, cause: 'exited', status });
});

test('An engine that fails while we wait fails the waiting', async () => {
  const exited = Promise.reject(new Error('the engine went away'));
  const waiting = waitUntilReady(await freeAddress(), { timeoutMs: 60_000, exited });
  await expect(waiting).rejects.toThrow('the engine went away');
});

test('An abort ends the waiting with its reason', async () => {
  const controller = new AbortController();
  const { address } = await serve(() => controller.abort(new Error('enough')));
  const options = { timeoutMs: 60_000, exited: NEVER, signal: controller.signal };
  await expect(waitUntilReady(address, options)).rejects.toThrow('enough');
  await expect(waitUntilReady(address, options)).rejects.toThrow('enough');
});

test('Port 0, which stands for no port at all, is never asked', async () => {
  const address = { host: '127.0.0.1', port: 0 };
  const result = await waitUntilReady(address, { timeoutMs: 50, exited: NEVER });
  expect(result).toMatchObject({ cause: 'timed-out', lastAnswer: 'no answer' });
});

test('Pings live by the ruler sequence, the longest of them two seconds', () => {
  const lifetimes = [0, 1, 2, 3, 4, 5, 6, 7, 8, 64].map((count) => pingLifetime(count, 25));
  expect(lifetimes).toEqual([2000, 50, 100, 50, 200, 50, 100, 50, 400, 2000]);
});
