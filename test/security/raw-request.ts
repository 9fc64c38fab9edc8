import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

/** What came back for one request over a bare connection. */
export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** Sends lines as they are, and reads until the server closes the connection. */
export async function rawRequest(
  port: number,
  lines: readonly string[],
  body = '',
): Promise<RawAnswer> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined); // A reset after the answer is an end as well.
  socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  return parse(await text(socket));
}

/** Reads one answer of HTTP. */
export function parse(answer: string): RawAnswer {
  const end = answer.indexOf('\r\n\r\n');
  const head = answer.slice(0, end);
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]), head, body: answer.slice(end + 4) };
}

/** The lines of a control plane call addressed to a host. */
export function listModels(host: string | undefined, ...more: string[]): string[] {
  const named = host === undefined ? [] : [`Host: ${host}`];
  const target = 'X-Amz-Target: SageMaker.ListModels';
  return ['POST / HTTP/1.1', ...named, target, 'Connection: close', 'Content-Length: 2', ...more];
}
