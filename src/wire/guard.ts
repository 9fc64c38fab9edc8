import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { ServiceError } from '../errors.js';
import { LimitKeeper, type WireLimits } from './limits.js';
import { type OriginRules, originFault } from './origin.js';
import { refuse } from './refusal.js';

export interface GuardSettings extends OriginRules {
  readonly limits: WireLimits;
}

/** Lets requests in to `answer`, or refuses them in their own service's words: too many, badly addressed, from a web page. */
export function guard(server: Server, settings: GuardSettings, answer: RequestListener): void {
  const keeper = new LimitKeeper(server, settings.limits);
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const fault =
      keeper.admit(request, response) ??
      formFault(request) ??
      originFault(request.headers, settings);
    if (fault !== undefined) refuse(request, response, fault);
    else answer(request, response);
  });
}

/** A proxy's request names a host of its own in its first line, which would go unchecked. */
function formFault({ url = '/' }: IncomingMessage): ServiceError | undefined {
  if (url.startsWith('/')) return undefined;
  return new ServiceError('BadRequest', 400, 'smlocal is no proxy: a request names a path alone.');
}
