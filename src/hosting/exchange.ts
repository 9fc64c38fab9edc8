import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { Taken } from './capture/taken.js';
import { type Framing, framed } from './framed.js';

/** How much of a container's error body is kept to be quoted. */
const ERROR_BODY_LIMIT = 1024 * 1024;

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

/** Why we ended it ourselves. */
export type Stopped = Extract<Outcome, { kind: 'client-gone' | 'timed-out' | 'too-large' }>;

/** Where a container's answer goes, and as what. */
export interface AnswerTo {
  readonly response: ServerResponse;
  /** The client's headers for a good answer, from the container's. */
  readonly responseHeaders: (fromContainer: IncomingHttpHeaders) => OutgoingHttpHeaders;
  readonly framing?: Framing;
  /** Where the request is captured. */
  readonly taken?: Taken | undefined;
}

/**
 * One request to a container, as undici tells of its answer: a good one goes on to the client chunk by chunk, no faster than
 * the client takes it; of an error the beginning is kept.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  /** Settles once, and never rejects. */
  readonly outcome: Promise<Outcome>;
  readonly #to: AnswerTo;
  #settle: (outcome: Outcome) => void = () => {};
  #controller: Dispatcher.DispatchController | undefined;
  #stopped: Stopped | undefined;
  #sink: Writable | undefined;
  #error: ErrorBody | undefined;
  #ended = false;

  constructor(to: AnswerTo) {
    this.#to = to;
    this.outcome = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Ends it, and the call to the container with it; does nothing where it has ended. */
  stop(outcome: Stopped): void {
    this.#stopped ??= outcome;
    this.#fail('stopped');
    this.#controller?.abort(new Error(outcome.kind));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#stopped !== undefined) controller.abort(new Error(this.#stopped.kind));
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: IncomingHttpHeaders,
  ): void {
    if (statusCode < 200) return; // Only a word on the way, such as 103.
    if (statusCode >= 400) {
      this.#error = new ErrorBody(statusCode);
      return;
    }
    const { response, responseHeaders, framing, taken } = this.#to;
    taken?.answers(headers);
    response.writeHead(200, responseHeaders(headers));
    this.#sink = framing ? framed(response, framing) : response;
    this.#sink.on('drain', () => controller.resume());
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#ended) return;
    if (this.#error !== undefined) {
      this.#error.add(chunk);
      return;
    }
    const { response, taken } = this.#to;
    taken?.answersPiece(chunk);
    if (!response.destroyed && this.#sink?.write(chunk) === false) controller.pause();
  }

  onResponseEnd(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#sink?.end();
    this.#settle(this.#error?.outcome() ?? { kind: 'answered' });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(error.message);
  }

  /** An answer that has begun cannot be taken back: it is broken off, or its framing says that it is not whole. */
  #fail(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    const { response, framing } = this.#to;
    // What waits in it is not to follow the last words.
    if (framing !== undefined) this.#sink?.destroy();
    if (!response.headersSent) {
      this.#settle(this.#stopped ?? { kind: 'no-answer', reason });
      return;
    }
    if (framing === undefined || this.#stopped?.kind === 'client-gone') response.destroy();
    else response.end(framing.broken(this.#stopped?.kind === 'timed-out'));
    this.#settle({ kind: 'client-gone' });
  }
}

/** Keeps the beginning of an error's body, and whether that was all of it. */
class ErrorBody {
  readonly #statusCode: number;
  readonly #chunks: Buffer[] = [];
  #length = 0;

  constructor(statusCode: number) {
    this.#statusCode = statusCode;
  }

  add(chunk: Buffer): void {
    if (this.#length < ERROR_BODY_LIMIT) this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  outcome(): Outcome {
    return {
      kind: 'error-status',
      statusCode: this.#statusCode,
      body: Buffer.concat(this.#chunks),
      whole: this.#length <= ERROR_BODY_LIMIT,
    };
  }
}
