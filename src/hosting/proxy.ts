import type {
  IncomingHttpHeaders,
  IncomingMessage,
  OutgoingHttpHeaders,
  ServerResponse,
} from 'node:http';
import { Transform, Writable } from 'node:stream';
import type { Backend } from './backend.js';
import { type Framing, framed } from './framed.js';
import type { Scavenger } from './scavenge.js';

/** A body up to this long has usually arrived whole with its headers, and goes straight to the container. */
const SMALL_BODY_BYTES = 64 * 1024;

/** How much of a container's error body is kept to be quoted. */
const ERROR_BODY_LIMIT = 1024 * 1024;

export interface Invocation {
  readonly path: string;
  /** What the container is to see; `content-length` is added here. */
  readonly headers: Readonly<Record<string, string>>;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** For the whole answer, in milliseconds; none while its handler is debugged. */
  readonly timeoutMs: number | undefined;
  /** The most bytes that the request's body may have. */
  readonly maxBodyBytes: number;
  /** The client's headers for a good answer, from the container's. */
  readonly responseHeaders: (fromContainer: IncomingHttpHeaders) => OutgoingHttpHeaders;
  readonly framing?: Framing;
}

/** How an invocation ended. Except for `answered` and `client-gone` nothing has been written to the client yet. */
export type Outcome =
  | { readonly kind: 'answered' }
  | { readonly kind: 'client-gone' }
  | {
      readonly kind: 'error-status';
      readonly statusCode: number;
      readonly body: Buffer;
      readonly whole: boolean;
    }
  | { readonly kind: 'timed-out' }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'no-answer'; readonly reason: string };

type Stopped = Extract<Outcome, { kind: 'client-gone' | 'timed-out' | 'too-large' }>;

/**
 * Sends a request to a container and its answer back, both as streams: neither body is ever held. A client that goes away
 * ends the call to the container; an answer that breaks off midway ends the client's connection, or says so where its
 * framing can, so that it cannot be taken for a whole one.
 */
export async function forward(backend: Backend, invocation: Invocation): Promise<Outcome> {
  const { request, response } = invocation;
  if (declaredLength(request) > invocation.maxBodyBytes) return { kind: 'too-large' };
  const stop = new AbortController();
  const stopWith = (outcome: Stopped) => stop.abort(outcome);
  const { timeoutMs } = invocation;
  const timer =
    timeoutMs === undefined ? undefined : setTimeout(stopWith, timeoutMs, { kind: 'timed-out' });
  const onClose = () => {
    if (!response.writableFinished) stopWith({ kind: 'client-gone' });
  };
  response.once('close', onClose);
  const stopCounting = countAnswer(response, backend.scavenger);
  backend.enter();
  try {
    return await exchange(backend, invocation, stop.signal, stopWith);
  } catch (error) {
    return failure(error, invocation, stop.signal);
  } finally {
    backend.leave();
    clearTimeout(timer);
    stopCounting();
    response.off('close', onClose);
  }
}

async function exchange(
  backend: Backend,
  invocation: Invocation,
  signal: AbortSignal,
  stopWith: (outcome: Stopped) => void,
): Promise<Outcome> {
  const { request, response } = invocation;
  const refused: { collected?: ErrorBody } = {};
  await backend.pool.stream(
    {
      method: 'POST',
      path: invocation.path,
      headers: { ...invocation.headers, ...lengthHeader(request) },
      body: bodyOf(invocation, backend.scavenger, stopWith),
      signal,
    },
    ({ statusCode, headers }) => {
      if (statusCode >= 400) {
        refused.collected = new ErrorBody(statusCode);
        return refused.collected;
      }
      response.writeHead(200, invocation.responseHeaders(headers));
      return invocation.framing ? framed(response, invocation.framing) : response;
    },
  );
  return refused.collected?.outcome() ?? { kind: 'answered' };
}

function failure(error: unknown, { response, framing }: Invocation, signal: AbortSignal): Outcome {
  const stopped = signal.aborted ? (signal.reason as Stopped) : undefined;
  if (response.headersSent) {
    if (framing === undefined || stopped?.kind === 'client-gone') response.destroy();
    else response.end(framing.broken(stopped?.kind === 'timed-out'));
    return { kind: 'client-gone' };
  }
  if (stopped !== undefined) return stopped;
  return { kind: 'no-answer', reason: error instanceof Error ? error.message : String(error) };
}

function declaredLength(request: IncomingMessage): number {
  return Number(request.headers['content-length'] ?? 0);
}

function lengthHeader(request: IncomingMessage): Record<string, string> {
  if (request.headers['transfer-encoding'] !== undefined) return {};
  return { 'content-length': String(declaredLength(request)) };
}

/**
 * The request's body for undici. A container may answer before it has read all of it, upon which undici destroys the
 * stream that it was given; were that the request itself, the client's connection would go with its answer.
 */
function bodyOf(
  invocation: Invocation,
  scavenger: Scavenger,
  stopWith: (outcome: Stopped) => void,
) {
  const { request, maxBodyBytes } = invocation;
  const chunked = request.headers['transfer-encoding'] !== undefined;
  if (!chunked && declaredLength(request) === 0) return null;
  if (!chunked && declaredLength(request) <= SMALL_BODY_BYTES) return request;
  const limited = limitBytes(maxBodyBytes, scavenger, () => stopWith({ kind: 'too-large' }));
  request.once('error', (error) => limited.destroy(error));
  limited.once('close', () => request.resume());
  return request.pipe(limited);
}

function limitBytes(limit: number, scavenger: Scavenger, onExceeded: () => void): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      scavenger.passed(chunk.length);
      if (seen > limit) onExceeded();
      else done(null, chunk);
    },
  });
}

/** Counts a large answer while it is sent; a small one never fills the buffer, and is not counted. */
function countAnswer(response: ServerResponse, scavenger: Scavenger): () => void {
  const { socket } = response;
  let counted = socket?.bytesWritten ?? 0;
  const onDrain = () => {
    const written = socket?.bytesWritten ?? 0;
    scavenger.passed(written - counted);
    counted = written;
  };
  response.on('drain', onDrain);
  return () => response.off('drain', onDrain);
}

/** Keeps the beginning of an error's body, and whether that was all of it. */
class ErrorBody extends Writable {
  readonly #chunks: Buffer[] = [];
  #length = 0;

  constructor(readonly statusCode: number) {
    super();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.#length < ERROR_BODY_LIMIT) this.#chunks.push(chunk);
    this.#length += chunk.length;
    done();
  }

  outcome(): Outcome {
    const whole = this.#length <= ERROR_BODY_LIMIT;
    return {
      kind: 'error-status',
      statusCode: this.statusCode,
      body: Buffer.concat(this.#chunks),
      whole,
    };
  }
}
