import type {
  IncomingHttpHeaders,
  IncomingMessage,
  OutgoingHttpHeaders,
  ServerResponse,
} from 'node:http';
import type { Backend } from '../../hosting/backend.js';
import { chooseBackend, chooseVariant } from '../../hosting/choose-variant.js';
import type { Framing } from '../../hosting/framed.js';
import {
  forwardToModel,
  type ModelInvocation,
  type ModelOutcome,
} from '../../hosting/multi-model/forward-to-model.js';
import { forward } from '../../hosting/proxy.js';
import type { Route, VariantRoute } from '../../hosting/route-table.js';
import type { InvocationInput, RuntimeContext } from './context.js';
import { errorOf, invalid, noResponse, throttled } from './errors.js';

/** The service's limit on a real-time payload: 25 MB (developer guide); the model's 6 MiB is older. */
const MAX_BODY_BYTES = 25 * 1024 * 1024;

/** The limit on a serverless payload (developer guide). */
const MAX_SERVERLESS_BODY_BYTES = 4 * 1024 * 1024;

/** What the kinds of invocation differ in. */
export interface InvocationKind {
  /** The client's headers that reach the container, by the name that they have there. */
  readonly forwarded: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** The client's headers for a good answer, beside the request's id and the variant. */
  readonly returned: (fromContainer: IncomingHttpHeaders) => OutgoingHttpHeaders;
  /** How the answer's body is wrapped, where it is. */
  readonly framing?: Framing;
  /** Whether such invocations are captured. */
  readonly isCaptured: boolean;
}

/**
 * Streams a request to one of the endpoint's containers and the answer back.
 * @throws ServiceError `ValidationError`, `ModelError` or `ThrottlingException`; nothing has then been written to `response`
 */
export async function invoke(
  kind: InvocationKind,
  input: InvocationInput,
  request: IncomingMessage,
  response: ServerResponse,
  context: RuntimeContext,
): Promise<void> {
  // Once more when that is over: what comes next may have it held again.
  while (context.routes.held(input.EndpointName)) await context.routes.held(input.EndpointName);
  const variant = variantOf(input, routeOf(input, context));
  checkTargetModel(input, variant, context);
  if (isFull(variant)) throw throttled();
  const backend = chooseBackend(variant, Math.random());
  if (backend === undefined) {
    measure(context, input, variant, { kind: 'no-answer' }, undefined);
    throw noResponse(input, context);
  }
  const maxBodyBytes = isServerless(variant) ? MAX_SERVERLESS_BODY_BYTES : MAX_BODY_BYTES;
  const taken = kind.isCaptured ? variant.capture?.take(request.headers) : undefined;
  const askedAt = performance.now();
  const invocation: ModelInvocation = {
    headers: containerHeaders(request.headers, kind.forwarded),
    request,
    response,
    timeoutMs: variant.timesOut ? kind.timeoutMs : undefined,
    maxBodyBytes,
    responseHeaders: (headers) => ({
      'x-amzn-RequestId': context.requestId,
      'x-Amzn-Invoked-Production-Variant': variant.variantName,
      ...kind.returned(headers),
    }),
    framing: kind.framing,
    taken,
  };
  const outcome = await ask(backend, input.TargetModel, invocation);
  taken?.end(outcome.kind === 'answered');
  measure(context, input, variant, outcome, performance.now() - askedAt);
  const error = errorOf(outcome, maxBodyBytes, input, context);
  if (error !== undefined) throw error;
}

/** Sends it to the container's one model, or to the one that it names. */
function ask(
  backend: Backend,
  target: string | undefined,
  { headers, ...rest }: ModelInvocation,
): Promise<ModelOutcome> {
  const { models } = backend;
  if (models === undefined || target === undefined)
    return forward(backend, { path: '/invocations', headers, ...rest });
  const named = { ...headers, 'x-amzn-sagemaker-target-model': target };
  return forwardToModel(backend, models, target, { headers: named, ...rest });
}

/**
 * Counts an invocation for CloudWatch. A client that went away, and a body that was refused, say nothing of the model.
 * Gaps: bytes that the client is slow to send or take count as the model's time.
 */
function measure(
  { metrics, cameAt }: RuntimeContext,
  { EndpointName }: InvocationInput,
  { variantName, backends }: VariantRoute,
  outcome: Pick<ModelOutcome, 'kind'> & { readonly statusCode?: number },
  modelMs: number | undefined,
): void {
  if (outcome.kind === 'client-gone' || outcome.kind === 'too-large') return;
  metrics.record({
    ...{ endpointName: EndpointName, variantName, instances: backends.length, modelMs },
    statusCode: outcome.kind === 'answered' ? 200 : (outcome.statusCode ?? 0),
    totalMs: performance.now() - cameAt,
  });
}

/** Those of a container's headers that are there, by the name that the client knows them by. */
export function pick(
  headers: IncomingHttpHeaders,
  names: Readonly<Record<string, string>>,
): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const [from, to] of Object.entries(names)) {
    const value = headers[from];
    if (value !== undefined) picked[to] = String(value);
  }
  return picked;
}

function containerHeaders(
  headers: IncomingHttpHeaders,
  forwarded: InvocationKind['forwarded'],
): Record<string, string> {
  return { 'user-agent': 'AHC/2.0', ...pick(headers, forwarded) };
}

function routeOf(input: InvocationInput, { routes, caller }: RuntimeContext): Route {
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
  if (input.TargetContainerHostname !== undefined) {
    throw invalid(
      `Endpoint ${EndpointName} is not a multi-container endpoint and does not support target container hostname header.`,
    );
  }
  return route;
}

/** Both texts have been seen of the service, the second's last letters excepted (contract.md, F.3). */
function checkTargetModel(
  { EndpointName, TargetModel }: InvocationInput,
  { isMultiModel = false }: VariantRoute,
  { requestId }: RuntimeContext,
): void {
  if (TargetModel !== undefined && !isMultiModel) {
    throw invalid(
      `Endpoint ${EndpointName} is not a multi-model endpoint and does not support target model header.`,
      'TARGET_MODEL_HEADER_NOT_SUPPORTED',
    );
  }
  if (TargetModel === undefined && isMultiModel)
    throw invalid(`Request ${requestId} is missing a target model header.`);
}

function variantOf(input: InvocationInput, route: Route): VariantRoute {
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

function isServerless({ maxConcurrency }: VariantRoute): boolean {
  return maxConcurrency !== undefined;
}

/** Whether a serverless variant answers as many invocations as its `MaxConcurrency` lets it. */
function isFull({ backends, maxConcurrency }: VariantRoute): boolean {
  if (maxConcurrency === undefined) return false;
  return backends.reduce((sum, { outstanding }) => sum + outstanding, 0) >= maxConcurrency;
}
