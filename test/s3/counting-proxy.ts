import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands before an S3, notes what is asked of it, and can be away. */
export interface CountingProxy {
  readonly url: string;
  /** `METHOD /path STATUS` of each request since the last look. */
  taken(): string[];
  /** The bytes of bodies that have been answered with, since the last look. */
  bytes(): number;
  /** Whoever connects is cut off from now on. */
  leave(): void;
  comeBack(): void;
  stop(): Promise<void>;
}

export async function startCountingProxy(target: string | (() => string)): Promise<CountingProxy> {
  const asked: string[] = [];
  let bytes = 0;
  let isAway = false;
  const targetUrl = () => (typeof target === 'string' ? target : target());
  const server = createServer((incoming, outgoing) => {
    const { method, url = '/', headers } = incoming;
    const passed = request(targetUrl() + url, { method, headers }, (answer) => {
      asked.push(`${method} ${url.split('?')[0]} ${answer.statusCode}`);
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on('data', (piece: Buffer) => {
        bytes += piece.length;
      });
      answer.pipe(outgoing);
    });
    passed.on('error', () => outgoing.destroy());
    incoming.pipe(passed);
  });
  server.on('connection', (socket) => {
    if (isAway) socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    taken: () => asked.splice(0),
    bytes: () => {
      const counted = bytes;
      bytes = 0;
      return counted;
    },
    leave: () => {
      isAway = true;
      server.closeAllConnections();
    },
    comeBack: () => {
      isAway = false;
    },
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
