import {
  type Agent,
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { SignedRequest } from '../aws/invocation.js';
import type { Outcome } from './recorder.js';

export interface ExchangeOptions {
  readonly agent: Agent;
  /** How long nothing may come. */
  readonly timeoutMs: number;
}

interface ErrorBody {
  readonly __type?: string;
  readonly message?: string;
  readonly Message?: string;
  readonly OriginalStatusCode?: number;
  readonly OriginalMessage?: string;
}

type Failure = Extract<Outcome, { ok: false }>;

const LONGEST_EXAMPLE = 300;

/** Of an error's body as much is kept; the rest is read and forgotten. */
const MOST_ERROR_BYTES = 64 * 1024;

/** No such endpoint any more, or not with these credentials: asking again changes nothing. */
const SHUT_OUT = [400, 403, 404];

/** Sends a request and reads its whole answer. It never rejects: what fails is an outcome. */
export async function exchange(
  request: SignedRequest,
  body: Uint8Array,
  options: ExchangeOptions,
): Promise<Outcome> {
  const found = await once(request, body, options);
  // A connection that the server closed while nothing was asked says nothing of the endpoint; every client tries again.
  return found === 'stale' ? notStale(await once(request, body, options)) : found;
}

function notStale(outcome: Outcome | 'stale'): Outcome {
  return outcome === 'stale' ? lost('ECONNRESET', 'The connection was reset twice.') : outcome;
}

function once(
  { protocol, hostname, port, method, path, headers }: SignedRequest,
  body: Uint8Array,
  { agent, timeoutMs }: ExchangeOptions,
): Promise<Outcome | 'stale'> {
  const open = protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve) => {
    let answered = false;
    let timedOut = false;
    const sent: ClientRequest = open({ hostname, port, method, path, headers, agent });
    const fail = (error: NodeJS.ErrnoException) => {
      if (timedOut) resolve(silent(timeoutMs));
      else if (!answered && sent.reusedSocket && isReset(error)) resolve('stale');
      else resolve(lost(error.code ?? error.name, error.message));
    };
    sent.setTimeout(timeoutMs, () => {
      timedOut = true;
      sent.destroy();
    });
    sent.on('error', fail);
    sent.on('response', (answer) => {
      answered = true;
      answer.on('error', fail);
      read(answer, resolve);
    });
    sent.end(body);
  });
}

function isReset({ code }: NodeJS.ErrnoException): boolean {
  return code === 'ECONNRESET' || code === 'EPIPE';
}

/** The whole answer counts, so it is read to its end; only that of an error is looked at. */
function read(answer: IncomingMessage, done: (outcome: Outcome) => void): void {
  const { statusCode = 0, headers } = answer;
  if (statusCode >= 200 && statusCode < 300) {
    const variant = headers['x-amzn-invoked-production-variant'];
    answer.on('end', () =>
      done({ ok: true, variant: Array.isArray(variant) ? variant[0] : variant }),
    );
    answer.resume();
    return;
  }
  const chunks: Buffer[] = [];
  let kept = 0;
  answer.on('data', (chunk: Buffer) => {
    if (kept < MOST_ERROR_BYTES) chunks.push(chunk);
    kept += chunk.length;
  });
  const type = headers['x-amzn-errortype'];
  answer.on('end', () => {
    done(
      refusal(statusCode, Array.isArray(type) ? type[0] : type, Buffer.concat(chunks).toString()),
    );
  });
}

/** By status and code; of a model's error also by what the model answered. */
function refusal(status: number, type: string | undefined, text: string): Failure {
  const body = parsed(text);
  // As the protocol has it: `ModelError:http://…`, or `namespace#ModelError`.
  const code = (type ?? body.__type ?? 'no code').replace(/:.*$/, '').replace(/^.*#/, '');
  const said = body.OriginalMessage || body.message || body.Message || text;
  if (code === 'ModelError') {
    const kind = `ModelError ${status}, the model answered ${body.OriginalStatusCode ?? 'nothing'}`;
    return { ok: false, kind, message: brief(said), reached: true };
  }
  const reached = !SHUT_OUT.includes(status);
  return { ok: false, kind: `${code} ${status}`, message: brief(said), reached };
}

function parsed(text: string): ErrorBody {
  try {
    return (JSON.parse(text) as ErrorBody | null) ?? {};
  } catch {
    return {};
  }
}

function silent(timeoutMs: number): Failure {
  const kind = `no answer in ${timeoutMs / 1000} s`;
  return { ok: false, kind, message: 'Nothing came for that long.', reached: true };
}

function lost(code: string, message: string): Failure {
  return { ok: false, kind: `connection: ${code}`, message: brief(message), reached: false };
}

/** The beginning and the end: the last line of a traceback says what it was. */
function brief(message: string): string {
  const line = message.replace(/\s+/g, ' ').trim();
  if (line.length <= LONGEST_EXAMPLE) return line;
  const half = LONGEST_EXAMPLE / 2;
  return `${line.slice(0, half)} … ${line.slice(-half)}`;
}
