import type { IncomingMessage, ServerResponse } from 'node:http';
import { Transform } from 'node:stream';
import type { Backend } from './backend.js';
import type { Taken } from './capture/taken.js';
import { type AnswerTo, Exchange, type Outcome } from './exchange.js';
import type { Scavenger } from './scavenge.js';

/** A body up to this long goes to the container as it comes, uncounted. */
export const SMALL_BODY_BYTES = 64 * 1024;

export interface Invocation extends AnswerTo {
  readonly path: string;
  /** What the container is to see; `content-length` is added here. */
  readonly headers: Readonly<Record<string, string>>;
  readonly request: IncomingMessage;
  /** The request's body, where it has been read already. */
  readonly body?: Buffer | undefined;
  /** For the whole answer, in milliseconds; none while its handler is debugged. */
  readonly timeoutMs: number | undefined;
  /** The most bytes that the request's body may have. */
  readonly maxBodyBytes: number;
}

/**
 * Sends a request to a container and its answer back, both as streams: neither body is ever held. A client that goes away
 * ends the call to the container; an answer that breaks off midway ends the client's connection, or says so where its
 * framing can, so that it cannot be taken for a whole one.
 */
export async function forward(backend: Backend, invocation: Invocation): Promise<Outcome> {
  const { request, response, timeoutMs } = invocation;
  if (declaredLength(request) > invocation.maxBodyBytes) return { kind: 'too-large' };
  const exchange = new Exchange(invocation);
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => exchange.stop({ kind: 'timed-out' }), timeoutMs);
  const onClose = () => {
    if (!response.writableFinished) exchange.stop({ kind: 'client-gone' });
  };
  response.once('close', onClose);
  const stopCounting = countAnswer(response, backend.scavenger);
  backend.enter();
  try {
    // By the next microtask what has come with the headers is parsed, which for a small body is usually all of it.
    await undefined;
    backend.pool.dispatch(
      {
        method: 'POST',
        path: invocation.path,
        headers: { ...invocation.headers, ...lengthHeader(request) },
        body: bodyOf(invocation, exchange, backend.scavenger),
      },
      exchange,
    );
    return await exchange.outcome;
  } finally {
    backend.leave();
    clearTimeout(timer);
    stopCounting();
    response.off('close', onClose);
  }
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
function bodyOf(invocation: Invocation, exchange: Exchange, scavenger: Scavenger) {
  const { request, body, taken } = invocation;
  if (body !== undefined) {
    taken?.sends(body);
    return body.length === 0 ? null : body;
  }
  const chunked = request.headers['transfer-encoding'] !== undefined;
  if (!chunked && declaredLength(request) === 0) return null;
  if (!chunked && declaredLength(request) <= SMALL_BODY_BYTES) {
    if (request.readableLength === declaredLength(request)) return whole(request, taken);
    if (taken === undefined) return request;
  }
  const limited = limitBytes(invocation, scavenger, () => exchange.stop({ kind: 'too-large' }));
  request.once('error', (error) => limited.destroy(error));
  limited.once('close', () => request.resume());
  return request.pipe(limited);
}

/** A body that is all there: one buffer costs undici much less than a stream. */
function whole(request: IncomingMessage, taken: Taken | undefined): Buffer {
  const body: Buffer = request.read();
  taken?.sends(body);
  // So that it comes to its end, of which others wait to be told.
  request.resume();
  return body;
}

function limitBytes(
  { maxBodyBytes: limit, taken }: Invocation,
  scavenger: Scavenger,
  onExceeded: () => void,
): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      scavenger.passed(chunk.length);
      if (seen > limit) return onExceeded();
      taken?.sendsPiece(chunk);
      done(null, chunk);
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
