import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { ServiceError } from '../errors.js';
import { containerFault } from './container-calls.js';
import { LimitKeeper, type WireLimits } from './limits.js';
import { isLoopback, type OriginRules, originFault } from './origin.js';
import { refuse } from './refusal.js';
import { isScrape } from './scrape.js';
import type { AccessKeys } from './verify.js';

/** Paths of smlocal's own, which have a proof of their own: a token. */
const OWN_PATHS = '/_smlocal/';

export interface GuardSettings extends OriginRules {
  /** Whose signatures are let in; undefined where none is asked for. */
  readonly accessKeys: AccessKeys | undefined;
  readonly limits: WireLimits;
  /** Whether it is containers that ask, which may not do everything. */
  readonly forContainers?: boolean;
}

/** Lets requests in to `answer`, or refuses them in their own service's words: too many, badly addressed, from a web page. */
export function guard(server: Server, settings: GuardSettings, answer: RequestListener): void {
  const keeper = new LimitKeeper(server, settings.limits);
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const fault =
      keeper.admit(request, response) ??
      formFault(request) ??
      originFault(request.headers, settings) ??
      (settings.forContainers ? containerFault(request) : undefined);
    if (fault !== undefined) refuse(request, response, fault);
    else if (settings.accessKeys === undefined || mayScrape(request, settings))
      answer(request, response);
    else letIn(request, response, settings.accessKeys, answer);
  });
}

function letIn(
  request: IncomingMessage,
  response: ServerResponse,
  keys: AccessKeys,
  answer: RequestListener,
): void {
  verified(request, keys).then(
    (checked) => answer(checked as never, response),
    (error: unknown) => {
      if (error instanceof ServiceError) refuse(request, response, error);
      else response.destroy(); // The client has gone while it was read.
    },
  );
}

async function verified(request: IncomingMessage, keys: AccessKeys): Promise<IncomingMessage> {
  if (!request.url?.startsWith(OWN_PATHS)) {
    // Loaded when it is needed first: with the SDK's signer.
    const { verifySignature } = await import('./verify.js');
    return verifySignature(request, keys);
  }
  if (isFromHere(request)) return request;
  throw new ServiceError('AccessDeniedException', 403, 'The admin API answers this machine alone.');
}

/** Prometheus cannot sign what it asks for: its page has names and numbers alone, and is for this machine. */
function mayScrape(request: IncomingMessage, { forContainers }: GuardSettings): boolean {
  return isScrape(request) && forContainers !== true && isFromHere(request);
}

function isFromHere({ socket }: IncomingMessage): boolean {
  const { remoteAddress = '', localAddress } = socket;
  return remoteAddress === localAddress || isLoopback(remoteAddress);
}

/** A proxy's request names a host of its own in its first line, which would go unchecked. */
function formFault({ url = '/' }: IncomingMessage): ServiceError | undefined {
  if (url.startsWith('/')) return undefined;
  return new ServiceError('BadRequest', 400, 'smlocal is no proxy: a request names a path alone.');
}
