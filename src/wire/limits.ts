import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { ServiceError } from '../errors.js';
import { type Dialect, dialectOf, type Refusal, refusalOf } from './refusal.js';

/** How much a client may ask for before it is refused. */
export interface WireLimits {
  /** All headers of a request together, its first line included. */
  readonly headerBytes: number;
  readonly headerCount: number;
  readonly connections: number;
  /** Requests of one connection that have no answer yet. */
  readonly pipelined: number;
  /** From a connection's first byte, or its last answer, to the end of the headers. */
  readonly headersMs: number;
  /** A client that owes a part of its body and sends nothing of it. */
  readonly silenceMs: number;
  /** From a request's first byte to its last; an upload of gigabytes has to fit. The answer may take longer. */
  readonly requestMs: number;
  /** How often the times are looked at. */
  readonly checkMs: number;
}

/** Above what any SDK needs, and below what hurts. */
export const WIRE_LIMITS: WireLimits = {
  headerBytes: 32 * 1024,
  headerCount: 200,
  connections: 1000,
  pipelined: 100,
  headersMs: 30_000,
  silenceMs: 60_000,
  requestMs: 3_600_000,
  checkMs: 5_000,
};

/** Connections above the limit that are still told why; more than these are closed without a word. */
const TOLD_WHY = 100;

/** What `createServer` has to be told for the limits that Node keeps itself. */
export function serverOptions(limits: WireLimits): ServerOptions {
  return {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: limits.checkMs,
  };
}

/** Watches over a server's connections: counts, silences, and answers to what is no HTTP. */
export class LimitKeeper {
  readonly #limits: WireLimits;
  readonly #open = new Set<Socket>();
  readonly #unanswered = new WeakMap<Socket, number>();
  readonly #receiving = new Map<
    IncomingMessage,
    { response: ServerResponse; bytes: number; since: number }
  >();

  constructor(server: Server, limits: WireLimits) {
    this.#limits = limits;
    server.maxConnections = limits.connections + TOLD_WHY;
    // Node drops what is more without a word: one more than may be, to see that there are too many.
    server.maxHeadersCount = limits.headerCount + 1;
    server.on('connection', (socket: Socket) => {
      this.#open.add(socket);
      socket.once('close', () => this.#open.delete(socket));
    });
    server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) =>
      this.#answerRaw(socket, faultOf(error), 'json'),
    );
    const timer = setInterval(() => this.#endSilent(Date.now()), limits.checkMs).unref();
    server.once('close', () => clearInterval(timer));
  }

  /** Why a request may not come in; where it may, it is watched until its last byte. */
  admit(request: IncomingMessage, response: ServerResponse): ServiceError | undefined {
    const { socket } = request;
    const unanswered = (this.#unanswered.get(socket) ?? 0) + 1;
    this.#unanswered.set(socket, unanswered);
    response.once('close', () => {
      this.#unanswered.set(socket, (this.#unanswered.get(socket) ?? 1) - 1);
    });
    const { connections, pipelined, headerCount } = this.#limits;
    if (this.#open.size > connections) return unavailable(`${connections} connections`);
    if (unanswered > pipelined) return unavailable(`${pipelined} requests of one connection`);
    if (request.rawHeaders.length / 2 > headerCount) {
      return tooLarge(`The request has more than ${headerCount} headers.`);
    }
    if (!request.complete) this.#watch(request, response);
    return undefined;
  }

  #watch(request: IncomingMessage, response: ServerResponse): void {
    const { bytesRead } = request.socket;
    this.#receiving.set(request, { response, bytes: bytesRead, since: Date.now() });
    request.once('close', () => this.#receiving.delete(request));
  }

  #endSilent(now: number): void {
    for (const [request, watched] of this.#receiving) {
      const { bytesRead } = request.socket;
      // What lies here unread is not the client's fault: a container may be slow, or the call be held.
      const owes = !request.complete && request.readableLength === 0;
      if (!owes || bytesRead !== watched.bytes) {
        watched.bytes = bytesRead;
        watched.since = now;
      } else if (now - watched.since >= this.#limits.silenceMs) {
        this.#receiving.delete(request);
        this.#endOne(request, watched.response);
      }
    }
  }

  #endOne(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const others = (this.#unanswered.get(socket) ?? 0) > 1;
    if (!response.headersSent && !others) writeRaw(socket, inWords(timedOut(), dialectOf(request)));
    // Whoever reads it must learn that no more comes.
    socket.destroySoon();
    request.destroy();
  }

  /** Answers on the bare connection. Where an answer is owed already, this one would be taken for it. */
  #answerRaw(socket: Socket, error: ServiceError, dialect: Dialect): void {
    if (socket.writable && (this.#unanswered.get(socket) ?? 0) === 0) {
      writeRaw(socket, inWords(error, dialect));
      socket.destroySoon();
    } else {
      socket.destroy();
    }
  }
}

function inWords(error: ServiceError, dialect: Dialect): Refusal {
  return refusalOf(error, dialect, randomUUID());
}

function writeRaw(socket: Socket, { statusCode, headers, body }: Refusal): void {
  const lines = Object.entries({ ...headers, Connection: 'close' }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  socket.write(
    `HTTP/1.1 ${statusCode} ${REASONS[statusCode] ?? 'Error'}\r\n${lines.join('')}\r\n${body}`,
  );
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

function faultOf({ code }: NodeJS.ErrnoException): ServiceError {
  if (code === 'HPE_HEADER_OVERFLOW') return tooLarge('The headers of the request are too large.');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return timedOut();
  return new ServiceError('BadRequest', 400, 'The request is not well-formed HTTP.');
}

function tooLarge(message: string): ServiceError {
  return new ServiceError('RequestHeaderSectionTooLarge', 431, message);
}

/** S3's words; the other services only close. */
function timedOut(): ServiceError {
  return new ServiceError(
    'RequestTimeout',
    408,
    'Your socket connection to the server was not read from or written to within the timeout period.',
  );
}

function unavailable(what: string): ServiceError {
  return new ServiceError('ServiceUnavailable', 503, `smlocal takes at most ${what} at once.`);
}
