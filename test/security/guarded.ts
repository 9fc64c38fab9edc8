import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll } from 'vitest';
import { type GuardSettings, guard } from '../../src/wire/guard.js';
import { WIRE_LIMITS } from '../../src/wire/limits.js';

/** A server behind the guard that says the body it got, or the error that the body ended in. */
export function useGuarded(settings: Partial<GuardSettings>): { readonly port: number } {
  let server: Server;
  beforeAll(async () => {
    server = createServer();
    const all = { host: '0.0.0.0', allowedHosts: [], accessKeys: undefined, limits: WIRE_LIMITS };
    guard(server, { ...all, ...settings }, (request, response) => {
      if (request.headers['x-unread'] !== undefined) {
        response.writeHead(404).end('unread');
        return;
      }
      text(request).then(
        (body) => response.end(`got ${body}`),
        (error: Error & { code?: string }) => response.writeHead(400).end(error.code),
      );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    get port() {
      return (server.address() as AddressInfo).port;
    },
  };
}
