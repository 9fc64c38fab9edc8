import type { IncomingMessage, ServerResponse } from 'node:http';
import type { InvocationInput, RuntimeContext } from './context.js';
import { type InvocationKind, invoke, pick } from './invoke.js';

/*
 * InvokeEndpoint (sagemaker-runtime, 2017-05-13).
 * Gaps: inference components and multi-container endpoints are refused by name; a session is not bound to
 * one instance; explanations are not made (the header is passed on to nobody, as for an endpoint without an explainer).
 */

/** The request headers that reach a container; every other is dropped (developer guide, contract.md C.3). */
const FORWARDED = same([
  'content-type',
  'accept',
  'x-amzn-sagemaker-custom-attributes',
  'x-amzn-sagemaker-inference-id',
  'x-amzn-sagemaker-session-id',
]);

/** The response headers that reach the client; `content-length` says where the body ends. */
const RETURNED = same([
  'content-type',
  'content-length',
  'x-amzn-sagemaker-custom-attributes',
  'x-amzn-sagemaker-new-session-id',
  'x-amzn-sagemaker-closed-session-id',
]);

const KIND: InvocationKind = {
  forwarded: FORWARDED,
  // The service's limit on a container's answer (developer guide).
  timeoutMs: 60_000,
  returned: (headers) => pick(headers, RETURNED),
  isCaptured: true,
};

/** Streams a request to a container and its answer back. @throws ServiceError, as `invoke` says */
export function invokeEndpoint(
  input: InvocationInput,
  request: IncomingMessage,
  response: ServerResponse,
  context: RuntimeContext,
): Promise<void> {
  return invoke(KIND, input, request, response, context);
}

/** Headers that keep their names on the way. */
function same(names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, name]));
}
