import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { Address } from './engine.js';

export interface PingCallbacks {
  /** The server answered with this status. */
  onStatus(status: number): void;
  /** No connection, or one that broke, or no answer in time: why, as the end of a sentence. */
  onFailure(reason: string, hung: boolean): void;
}

/**
 * One `GET /ping` as SageMaker sends it, on a connection of its own. It lives for `lifetimeMs` at most and calls back
 * once at most; the returned function ends it without a call.
 */
export function ping(address: Address, lifetimeMs: number, callbacks: PingCallbacks): () => void {
  const attempt = send(address);
  let open = true;
  const close = () => {
    open = false;
    clearTimeout(timer);
    attempt.destroy();
  };
  const settle = (report: () => void) => {
    if (!open) return;
    close();
    report();
  };
  const timer = setTimeout(() => settle(() => callbacks.onFailure('no answer', true)), lifetimeMs);
  // The status is the answer: SageMaker ignores the body, and some servers never finish it.
  attempt.on('response', (response: IncomingMessage) => {
    settle(() => callbacks.onStatus(response.statusCode ?? 0));
  });
  // Stays attached, because destroying a request that has not connected yet emits an error as well.
  attempt.on('error', (error) => settle(() => callbacks.onFailure(reasonOf(error), false)));
  return close;
}

function send(address: Address): ClientRequest {
  const attempt = request({
    ...address,
    path: '/ping',
    agent: false,
    // What the real platform's pings carry in container logs.
    headers: { host: '169.254.180.2:8080', 'user-agent': 'AHC/2.0', connection: 'close' },
  });
  attempt.end();
  return attempt;
}

function reasonOf(error: NodeJS.ErrnoException): string {
  if (error.code === 'ECONNREFUSED') return 'the connection was refused';
  if (error.code === 'ECONNRESET') return 'the connection was closed without an answer';
  return error.message;
}
