import type {
  IncomingHttpHeaders,
  IncomingMessage,
  OutgoingHttpHeaders,
  ServerResponse,
} from 'node:http';
import { ServiceError } from '../../errors.js';
import { type Caller, logGroupArn } from '../../hosting/arn.js';
import { chooseBackend, chooseVariant } from '../../hosting/choose-variant.js';
import { forward, type Outcome } from '../../hosting/proxy.js';
import type { Route, RouteTable, VariantRoute } from '../../hosting/route-table.js';

/*
 * InvokeEndpoint (sagemaker-runtime, 2017-05-13).
 * Gaps: inference components, multi-model and multi-container endpoints are refused by name; a session is not bound to
 * one instance; explanations are not made (the header is passed on to nobody, as for an endpoint without an explainer).
 */

/** The service's limit on a real-time payload: 25 MB (developer guide); the model's 6 MiB is older. */
const MAX_BODY_BYTES = 25 * 1024 * 1024;

/** The service's limit on a container's answer (developer guide). */
const INVOCATION_TIMEOUT_MS = 60_000;

/** A single-container model's container has this name in every message of the service. */
const CONTAINER = 'primary';

/** The request headers that reach a container; every other is dropped (developer guide, contract.md C.3). */
const FORWARDED = [
  'content-type',
  'accept',
  'x-amzn-sagemaker-custom-attributes',
  'x-amzn-sagemaker-inference-id',
  'x-amzn-sagemaker-session-id',
] as const;

/** The response headers that reach the client; `content-length` says where the body ends. */
const RETURNED = [
  'content-type',
  'content-length',
  'x-amzn-sagemaker-custom-attributes',
  'x-amzn-sagemaker-new-session-id',
  'x-amzn-sagemaker-closed-session-id',
] as const;

/** What InvokeEndpoint reads of its headers and path; named as in the service model. */
export interface InvokeEndpointInput {
  readonly EndpointName: string;
  readonly TargetVariant?: string;
  readonly TargetModel?: string;
  readonly TargetContainerHostname?: string;
  readonly InferenceComponentName?: string;
}

export interface RuntimeContext {
  readonly routes: RouteTable;
  readonly caller: Caller;
  readonly requestId: string;
}

/**
 * Streams a request to one of the endpoint's containers and the answer back.
 * @throws ServiceError `ValidationError` or `ModelError`; nothing has then been written to `response`
 */
export async function invokeEndpoint(
  input: InvokeEndpointInput,
  request: IncomingMessage,
  response: ServerResponse,
  context: RuntimeContext,
): Promise<void> {
  // Once more when that is over: what comes next may have it held again.
  while (context.routes.held(input.EndpointName)) await context.routes.held(input.EndpointName);
  const route = routeOf(input, context);
  const variant = variantOf(input, route);
  if (isFull(variant)) throw throttled();
  const backend = chooseBackend(variant, Math.random());
  if (backend === undefined) throw noResponse(input, context);
  const outcome = await forward(backend, {
    path: '/invocations',
    headers: containerHeaders(request.headers),
    request,
    response,
    timeoutMs: variant.timesOut ? INVOCATION_TIMEOUT_MS : undefined,
    maxBodyBytes: MAX_BODY_BYTES,
    responseHeaders: (headers) => clientHeaders(headers, variant.variantName, context.requestId),
  });
  const error = errorOf(outcome, input, context);
  if (error !== undefined) throw error;
}

function routeOf(input: InvokeEndpointInput, { routes, caller }: RuntimeContext): Route {
  const { EndpointName } = input;
  const route = routes.get(EndpointName);
  if (route === undefined) {
    throw invalid(`Endpoint ${EndpointName} of account ${caller.accountId} not found.`);
  }
  if (input.InferenceComponentName !== undefined) {
    throw invalid(
      'Inference Component Name header is not allowed for endpoints to which you dont plan to deploy inference components. Please remove the Inference Component Name header and try again.',
    );
  }
  if (input.TargetModel !== undefined) {
    throw invalid(
      `Endpoint ${EndpointName} is not a multi-model endpoint and does not support target model header.`,
      'TARGET_MODEL_HEADER_NOT_SUPPORTED',
    );
  }
  if (input.TargetContainerHostname !== undefined) {
    throw invalid(
      `Endpoint ${EndpointName} is not a multi-container endpoint and does not support target container hostname header.`,
    );
  }
  return route;
}

function variantOf(input: InvokeEndpointInput, route: Route): VariantRoute {
  const wanted = input.TargetVariant;
  const variant =
    wanted === undefined
      ? chooseVariant(route.variants, Math.random())
      : route.variants.find(({ variantName }) => variantName === wanted);
  if (variant !== undefined) return variant;
  throw invalid(
    wanted === undefined
      ? `No variant of endpoint ${route.endpointName} has a weight greater than zero.`
      : `Variant ${wanted} not found for endpoint ${route.endpointName}.`,
  );
}

/** Whether a serverless variant answers as many invocations as its `MaxConcurrency` lets it. */
function isFull({ backends, maxConcurrency }: VariantRoute): boolean {
  if (maxConcurrency === undefined) return false;
  return backends.reduce((sum, { outstanding }) => sum + outstanding, 0) >= maxConcurrency;
}

/** The service sends no text (opensearch-project/ml-commons#2429). */
function throttled(): ServiceError {
  return new ServiceError('ThrottlingException', 400, '', { message: null });
}

function containerHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const forwarded: Record<string, string> = { 'user-agent': 'AHC/2.0' };
  for (const name of FORWARDED) {
    const value = headers[name];
    if (value !== undefined) forwarded[name] = String(value);
  }
  return forwarded;
}

function clientHeaders(
  headers: IncomingHttpHeaders,
  variantName: string,
  requestId: string,
): OutgoingHttpHeaders {
  const returned: OutgoingHttpHeaders = {
    'x-amzn-RequestId': requestId,
    'x-Amzn-Invoked-Production-Variant': variantName,
  };
  for (const name of RETURNED) {
    const value = headers[name];
    if (value !== undefined) returned[name] = String(value);
  }
  return returned;
}

function errorOf(
  outcome: Outcome,
  input: InvokeEndpointInput,
  context: RuntimeContext,
): ServiceError | undefined {
  switch (outcome.kind) {
    case 'answered':
    case 'client-gone':
      return undefined;
    case 'too-large':
      // The wording of the service's own message for its older, smaller limit.
      return invalid(
        `1 validation error detected: Value at 'body' failed to satisfy constraint: Member must have length less than or equal to ${MAX_BODY_BYTES}`,
      );
    case 'timed-out':
      return modelError(input, context, 0, {
        message: `Your invocation timed out while waiting for a response from container ${CONTAINER}. Review the latency metrics for each container in Amazon CloudWatch, resolve the issue, and try again.`,
      });
    case 'no-answer':
      return noResponse(input, context);
    case 'error-status':
      return modelError(input, context, outcome.statusCode, {
        message: outcome.body.toString('utf8'),
        whole: outcome.whole,
      });
  }
}

function noResponse(input: InvokeEndpointInput, context: RuntimeContext): ServiceError {
  return modelError(input, context, 0, {
    message: `Amazon SageMaker could not get a response from the ${input.EndpointName} endpoint. This can occur when CPU or memory utilization is high. To check your utilization, see Amazon CloudWatch. To fix this problem, use an instance type with more CPU capacity or memory.`,
  });
}

/** `ModelError` as the service words it (contract.md, A.2.5 and F.3). */
function modelError(
  { EndpointName }: InvokeEndpointInput,
  { caller }: RuntimeContext,
  statusCode: number,
  original: { message: string; whole?: boolean },
): ServiceError {
  const client = statusCode >= 400 && statusCode < 500;
  const received = `Received ${client ? 'client' : 'server'} error (${statusCode}) from ${CONTAINER}`;
  const quoted =
    original.whole === false
      ? 'and could not load the entire response body'
      : `with message "${original.message}"`;
  const group = `/aws/sagemaker/Endpoints/${EndpointName}`;
  const console = `https://${caller.region}.console.aws.amazon.com/cloudwatch/home?region=${caller.region}#logEventViewer:group=${group}`;
  return new ServiceError(
    'ModelError',
    424,
    `${received} ${quoted}. See ${console} in account ${caller.accountId} for more information.`,
    {
      ErrorCode: client ? 'CLIENT_ERROR_FROM_MODEL' : 'INTERNAL_FAILURE_FROM_MODEL',
      LogStreamArn: logGroupArn(caller, EndpointName),
      OriginalMessage: original.message,
      OriginalStatusCode: statusCode,
    },
  );
}

function invalid(message: string, errorCode?: string): ServiceError {
  return new ServiceError(
    'ValidationError',
    400,
    message,
    errorCode ? { ErrorCode: errorCode } : {},
  );
}
