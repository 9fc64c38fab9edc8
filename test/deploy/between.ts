import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** What is done with a request: passed on, refused as AWS refuses, or never answered. */
export type Verdict = 'pass' | 'refuse' | 'hold';

/**
 * Stands between smlocal and an AWS account, and passes on what it is not told otherwise.
 * @param judge is given the operation: SageMaker's name for it, or S3's method with the names of its query
 * @returns its address, and the operations that came by
 */
export async function standBetween(account: string, judge: (operation: string) => Verdict) {
  const seen: string[] = [];
  const server = createServer((incoming, outgoing) => {
    const operation = operationOf(incoming);
    seen.push(operation);
    const verdict = judge(operation);
    if (verdict === 'pass') pass(account, incoming, outgoing);
    if (verdict === 'refuse') refuse(outgoing);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

function operationOf({ headers, method, url = '/' }: IncomingMessage): string {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return target.split('.').at(-1) ?? '';
  const names = [...new URL(url, 'http://any').searchParams.keys()].filter(
    (name) => name !== 'x-id',
  );
  return `${method} ${names.sort().join('&')}`.trim();
}

function pass(account: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { method, url, headers } = incoming;
  const onward = request(`${account}${url}`, { method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(outgoing);
  });
  onward.on('error', () => outgoing.destroy());
  incoming.pipe(onward);
}

function refuse(outgoing: ServerResponse): void {
  outgoing.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' });
  outgoing.end(
    JSON.stringify({ __type: 'AccessDeniedException', message: 'no permission for that' }),
  );
}
