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
import type { AwsServices } from '../services/aws.js';
import type { OperationContext } from '../services/sagemaker/context.js';
import type { UnservedCalls } from '../services/unserved-calls.js';
import { answerJson } from './aws-json.js';
import { answerControlPlane } from './control-plane.js';
import { type CredentialScope, credentialScope } from './credential-scope.js';
import { type GuardSettings, guard } from './guard.js';
import { jsonCall } from './json-services.js';
import { serverOptions } from './limits.js';
import { answerQuery } from './query.js';
import { queryServices } from './query-services.js';
import { type Destination, destinationOf } from './route.js';
import { answerRpc, rpcTarget } from './rpc-cbor.js';
import { answerRuntime } from './runtime.js';
import { answerS3 } from './s3.js';
import { answerScrape, isScrape } from './scrape.js';

/** Longer than any SDK keeps an idle connection, so that it is the client that closes it, never we as it sends. */
const KEEP_ALIVE_MS = 120_000;

export interface ServerParts {
  /** For requests that are not signed. */
  readonly defaults: Caller;
  readonly records: Records;
  readonly artifacts: Artifacts;
  readonly routes: RouteTable;
  readonly saveEndpoint: OperationContext['saveEndpoint'];
  /** Told of operations that AWS has and smlocal has not. */
  readonly unserved: UnservedCalls;
  readonly aws: AwsServices;
  /** Answers what is under `/_smlocal/`. */
  readonly admin: RequestListener;
  /** What Prometheus is told. */
  readonly metricsPage: () => string;
  /** Who is let in. */
  readonly guard: GuardSettings;
  readonly log: Logger;
}

/** The one port: `route.ts` says whom a request is for. */
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
  if (isScrape(request)) return answerScrape(response, parts.metricsPage());
  const path = pathOf(request);
  const caller = credentialScope(request, parts.defaults);
  const { method, headers } = request;
  const destination = destinationOf({ method, headers, path, service: caller.service });
  return ANSWERS[destination](parts, { path, request, response, caller, requestId: randomUUID() });
}

/** A request on its way to whom it is for. */
interface Call {
  readonly path: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly caller: CredentialScope;
  readonly requestId: string;
}

const ANSWERS: Readonly<Record<Destination, (parts: ServerParts, call: Call) => Promise<void>>> = {
  runtime: ({ routes, unserved, aws }, { path, request, response, caller, requestId }) => {
    response.setHeader('x-amzn-RequestId', requestId);
    const cameAt = performance.now();
    const context = { routes, caller, requestId, metrics: aws.invocations, cameAt };
    return answerRuntime(path, request, response, context, unserved);
  },
  admin: async ({ admin }, { request, response }) => admin(request, response),
  sagemaker: (parts, { request, response, caller, requestId }) => {
    response.setHeader('x-amzn-RequestId', requestId);
    return answerControlPlane(request, response, contextOf(parts, caller), parts.unserved);
  },
  json: ({ aws, unserved }, { request, response, caller, requestId }) => {
    response.setHeader('x-amzn-RequestId', requestId);
    const call = jsonCall(String(request.headers['x-amz-target']), aws, caller);
    return answerJson(request, response, call, unserved);
  },
  rpc: ({ aws, unserved }, { path, request, response, caller, requestId }) => {
    response.setHeader('x-amzn-RequestId', requestId);
    const { prefix = '', operation = '' } = rpcTarget(path, request.headers) ?? {};
    return answerRpc(request, response, operation, jsonCall(prefix, aws, caller), unserved);
  },
  s3: ({ aws, guard }, { path, request, response, caller }) => {
    const { forContainers: fromContainer = false } = guard;
    return answerS3(path, request, response, { caller, parts: aws.s3, fromContainer });
  },
  query: ({ aws, unserved }, { request, response, caller, requestId }) => {
    response.setHeader('x-amzn-RequestId', requestId);
    const services = queryServices(aws, caller, unserved);
    return answerQuery(request, response, requestId, (version) => services.get(version));
  },
  unknown: async (_, { request, response, caller, requestId }) => {
    response.setHeader('x-amzn-RequestId', requestId);
    refuse(caller.service, request, response);
  },
};

function pathOf(request: IncomingMessage): string {
  const url = request.url ?? '/';
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}

function contextOf(parts: ServerParts, caller: CredentialScope): OperationContext {
  const { records, artifacts, saveEndpoint } = parts;
  return { caller, records, artifacts, saveEndpoint, now: new Date() };
}

/** What is for no service of ours: said in JSON, with the code in the header too, where most SDKs look. */
function refuse(
  service: string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const what = service ?? `${request.method} ${request.url}`;
  const error = new ServiceError(
    'UnknownOperationException',
    404,
    `smlocal does not serve this (${what}): its README lists what it serves.`,
  );
  const { statusCode, headers, body } = awsJsonError(loadContract('sagemaker'), error);
  response.writeHead(statusCode, { ...headers, 'x-amzn-ErrorType': error.code });
  response.end(body);
}
