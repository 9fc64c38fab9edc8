import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands before an S3, notes what is asked of it, and can be away. */
export interface CountingProxy {
  readonly url: string;
  /** `METHOD /path STATUS` of each request since the last look. */
  taken(): string[];
  /** The bytes of bodies that have been answered with, since the last look. */
  bytes(): number;
  /** Nothing answers at its address from now on. */
  leave(): Promise<void>;
  /** It answers again, at the same address. */
  comeBack(): Promise<void>;
}

export async function startCountingProxy(target: string): Promise<CountingProxy> {
  const asked: string[] = [];
  let bytes = 0;
  const make = (): Server =>
    createServer((incoming, outgoing) => {
      const { method, url = '/', headers } = incoming;
      const passed = request(target + url, { method, headers }, (answer) => {
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
  const listen = (server: Server, port: number) =>
    new Promise<number>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
    });
  let server = make();
  const port = await listen(server, 0);
  return {
    url: `http://127.0.0.1:${port}`,
    taken: () => asked.splice(0),
    bytes: () => {
      const counted = bytes;
      bytes = 0;
      return counted;
    },
    leave: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
    comeBack: async () => {
      server = make();
      await listen(server, port);
    },
  };
}
