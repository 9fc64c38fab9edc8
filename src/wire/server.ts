import { randomUUID } from 'node:crypto';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Artifacts } from '../artifacts/artifacts.js';
import { loadContract } from '../contract/contract.js';
import { awsJsonError } from '../contract/errors.js';
import { ServiceError } from '../errors.js';
import type { Caller } from '../hosting/arn.js';
import type { Records } from '../hosting/records.js';
import type { RouteTable } from '../hosting/route-table.js';
import type { Logger } from '../log.js';
import type { OperationContext } from '../services/sagemaker/context.js';
import type { UnservedCalls } from '../services/unserved-calls.js';
import { answerControlPlane, TARGET_PREFIX } from './control-plane.js';
import { credentialScope } from './credential-scope.js';
import { type GuardSettings, guard } from './guard.js';
import { serverOptions } from './limits.js';
import { answerRuntime, runtimeOperation } from './runtime.js';

/** Longer than any SDK keeps an idle connection, so that it is the client that closes it, never we as it sends. */
const KEEP_ALIVE_MS = 120_000;

/** Paths of smlocal's own: no AWS service has them. */
const ADMIN_PREFIX = '/_smlocal/';

export interface ServerParts {
  /** For requests that are not signed. */
  readonly defaults: Caller;
  readonly records: Records;
  readonly artifacts: Artifacts;
  readonly routes: RouteTable;
  readonly saveEndpoint: OperationContext['saveEndpoint'];
  /** Told of operations that AWS has and smlocal has not. */
  readonly unserved: UnservedCalls;
  /** Answers what is under {@link ADMIN_PREFIX}. */
  readonly admin: RequestListener;
  /** Who is let in. */
  readonly guard: GuardSettings;
  readonly log: Logger;
}

/** The one port: says by path, then by header, whom a request is for. Invocations come first, for they must be quick. */
export function createSageMakerServer(parts: ServerParts): Server {
  const server = createServer(serverOptions(parts.guard.limits));
  guard(server, parts.guard, (request, response) => {
    route(parts, request, response).catch((error: unknown) => {
      if (!request.destroyed)
        parts.log.error({ err: error, path: pathOf(request) }, 'a request failed by a bug');
    });
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  return server;
}

async function route(
  parts: ServerParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = pathOf(request);
  const requestId = randomUUID();
  if (runtimeOperation(path) !== undefined) {
    const caller = credentialScope(request, parts.defaults);
    response.setHeader('x-amzn-RequestId', requestId);
    const context = { routes: parts.routes, caller, requestId };
    return answerRuntime(path, request, response, context, parts.unserved);
  }
  if (path.startsWith(ADMIN_PREFIX)) {
    parts.admin(request, response);
    return undefined;
  }
  response.setHeader('x-amzn-RequestId', requestId);
  if (request.headers['x-amz-target']?.toString().startsWith(TARGET_PREFIX)) {
    return answerControlPlane(request, response, contextOf(parts, request), parts.unserved);
  }
  return refuse(parts, request, response);
}

function pathOf(request: IncomingMessage): string {
  const url = request.url ?? '/';
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}

function contextOf(parts: ServerParts, request: IncomingMessage): OperationContext {
  const { records, artifacts, saveEndpoint, defaults } = parts;
  return {
    caller: credentialScope(request, defaults),
    records,
    artifacts,
    saveEndpoint,
    now: new Date(),
  };
}

/** What is for no service of ours: said in JSON, with the code in the header too, where most SDKs look. */
function refuse(parts: ServerParts, request: IncomingMessage, response: ServerResponse): void {
  const { service } = credentialScope(request, parts.defaults);
  const what = service ?? `${request.method} ${request.url}`;
  const error = new ServiceError(
    'UnknownOperationException',
    404,
    `smlocal does not serve this (${what}): it serves SageMaker's control and runtime APIs.`,
  );
  const { statusCode, headers, body } = awsJsonError(loadContract('sagemaker'), error);
  response.writeHead(statusCode, { ...headers, 'x-amzn-ErrorType': error.code });
  response.end(body);
}
