import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { messageOf } from '../../errors.js';
import type { Backend } from '../backend.js';
import type { Outcome } from '../exchange.js';
import { forward, type Invocation, SMALL_BODY_BYTES } from '../proxy.js';
import { LoadingFailed, NoSuchModel } from './failures.js';
import type { LoadedModels } from './loaded-models.js';
import type { ModelInUse } from './model.js';

/** How long an invocation waits for its model (developer guide: 60 s, then ModelNotReadyException). */
const WAITING_LIMIT_MS = 60_000;

const NOT_LOADED = 404;

const CLIENT_GONE: ModelOutcome = { kind: 'client-gone' };
const NOT_READY: ModelOutcome = { kind: 'not-ready', statusCode: 429 };

/** How an invocation of one of several models ended. */
export type ModelOutcome =
  | Outcome
  | {
      readonly kind: 'no-such-model';
      readonly statusCode: 400;
      readonly uri: string;
      readonly reason: string;
    }
  | { readonly kind: 'not-ready'; readonly statusCode: 429 };

/** An invocation for which a model has to be chosen; `path` follows from that. */
export type ModelInvocation = Omit<Invocation, 'path' | 'body'>;

/**
 * Sends a request to one of a container's models, which is loaded first where it is not. The request's body stays unread until
 * then. Where the container says that the model is not there, it is loaded again, and a small body sent once more; before a
 * larger one, which cannot be, the container is asked.
 */
export async function forwardToModel(
  backend: Backend,
  models: LoadedModels,
  target: string,
  invocation: ModelInvocation,
  waitingLimitMs = WAITING_LIMIT_MS,
): Promise<ModelOutcome> {
  const ended = new AbortController();
  const { signal } = ended;
  const onClose = () => ended.abort(CLIENT_GONE);
  invocation.response.once('close', onClose);
  const timer = setTimeout(() => ended.abort(NOT_READY), waitingLimitMs);
  // Whoever drains the container is to wait for the loading too.
  backend.enter();
  let used: ModelInUse | undefined;
  try {
    used = await models.use(target, signal);
    const body = await smallBody(invocation.request);
    if (body === undefined && !(await models.api.has(used.id, signal)))
      used = await models.useAgain(used, signal);
    const first = await forward(backend, { ...invocation, path: pathOf(used), body });
    if (!isNotLoaded(first) || body === undefined) return first;
    used = await models.useAgain(used, signal);
    // Otherwise it was there: the answer is the model's own.
    return used.isFresh
      ? await forward(backend, { ...invocation, path: pathOf(used), body })
      : first;
  } catch (error) {
    return signal.aborted ? (signal.reason as ModelOutcome) : outcomeOf(error);
  } finally {
    clearTimeout(timer);
    used?.release();
    invocation.response.off('close', onClose);
    backend.leave();
  }
}

function pathOf({ id }: ModelInUse): string {
  return `/models/${id}/invoke`;
}

function isNotLoaded(outcome: Outcome): boolean {
  return outcome.kind === 'error-status' && outcome.statusCode === NOT_LOADED;
}

/** A body that is short enough to be kept, whole; undefined for one that is not, or of which nobody knows. */
async function smallBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const { 'transfer-encoding': encoding, 'content-length': length } = request.headers;
  if (encoding !== undefined || Number(length ?? 0) > SMALL_BODY_BYTES) return undefined;
  return buffer(request);
}

function outcomeOf(error: unknown): ModelOutcome {
  if (error instanceof NoSuchModel) {
    return { kind: 'no-such-model', statusCode: 400, uri: error.uri, reason: error.message };
  }
  if (error instanceof LoadingFailed) return { kind: 'error-status', ...error.answer, whole: true };
  return { kind: 'no-answer', reason: messageOf(error) };
}
