import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type RequestListener,
  type Server,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { Backend } from '../../src/hosting/backend.js';
import type { Outcome } from '../../src/hosting/exchange.js';
import { forward, type Invocation } from '../../src/hosting/proxy.js';

export interface Proxied {
  /** Where a client finds the proxy. */
  readonly port: number;
  readonly url: string;
  readonly backend: Backend;
  readonly container: Server;
  /** How the next invocation to end ends. */
  outcome(): Promise<Outcome>;
}

/** A client's way through `forward` to a server that plays the container, over real sockets. Gone when the test ends. */
export async function proxied(
  container: RequestListener | Server,
  settings: Partial<Invocation> = {},
): Promise<Proxied> {
  const server = typeof container === 'function' ? createServer(container) : container;
  const address = { host: '127.0.0.1', port: await listening(server) };
  const backend = new Backend('container', address);
  const ended: Outcome[] = [];
  const waiting: ((outcome: Outcome) => void)[] = [];
  const front = createServer(async (request, response) => {
    const outcome = await forward(backend, {
      path: '/invocations',
      headers: {},
      request,
      response,
      timeoutMs: 10_000,
      maxBodyBytes: 1_000_000,
      responseHeaders: pass,
      ...settings,
    });
    // What the service answers is not the proxy's matter; that it can still answer is.
    if (outcome.kind !== 'answered' && !response.headersSent) response.writeHead(599).end();
    const next = waiting.shift();
    if (next) next(outcome);
    else ended.push(outcome);
  });
  const port = await listening(front);
  onTestFinished(async () => {
    await backend.close();
    await Promise.all([front, server].map(closed));
  });
  return {
    port,
    url: `http://127.0.0.1:${port}/`,
    backend,
    container: server,
    outcome: () => {
      const outcome = ended.shift();
      return outcome ? Promise.resolve(outcome) : new Promise((resolve) => waiting.push(resolve));
    },
  };
}

/** Every header of the container's that can be passed on. */
function pass({
  connection,
  'keep-alive': keepAlive,
  'transfer-encoding': _,
  ...headers
}: IncomingHttpHeaders) {
  return headers;
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function closed(server: Server): Promise<void> {
  if (!server.listening) return;
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}
