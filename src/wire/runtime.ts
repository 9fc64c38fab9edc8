import type { IncomingMessage, ServerResponse } from 'node:http';
import { loadContract } from '../contract/contract.js';
import { restJsonError } from '../contract/errors.js';
import { parseRestInput } from '../contract/rest-headers.js';
import { validate, validationError } from '../contract/validate.js';
import { ServiceError } from '../errors.js';
import {
  type InvokeEndpointInput,
  invokeEndpoint,
  type RuntimeContext,
} from '../services/runtime/invoke-endpoint.js';
import type { UnservedCalls } from '../services/unserved-calls.js';

const INVOCATIONS =
  /^\/endpoints\/[^/]+\/(invocations|async-invocations|invocations-response-stream)$/;

const OPERATION_NAMES: Readonly<Record<string, string>> = {
  'async-invocations': 'InvokeEndpointAsync',
  'invocations-response-stream': 'InvokeEndpointWithResponseStream',
};

/** Which runtime operation a path is for, if any. */
export function runtimeOperation(path: string): string | undefined {
  return path.startsWith('/endpoints/') ? INVOCATIONS.exec(path)?.[1] : undefined;
}

/**
 * Answers a runtime request: REST-JSON, the body a stream. Throws only what is a bug, after it has answered.
 *
 * @param path the request's path, without its query
 */
export async function answerRuntime(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  context: RuntimeContext,
  unserved: UnservedCalls,
): Promise<void> {
  try {
    const input = readInput(path, request, unserved);
    await invokeEndpoint(input, request, response, context);
  } catch (error) {
    if (response.headersSent) response.destroy();
    else sendError(response, error);
    if (!(error instanceof ServiceError)) throw error;
  }
}

function readInput(
  path: string,
  request: IncomingMessage,
  unserved: UnservedCalls,
): InvokeEndpointInput {
  const operation = runtimeOperation(path);
  if (request.method !== 'POST') throw notPost(request);
  if (operation !== 'invocations') {
    const name = OPERATION_NAMES[operation ?? ''] ?? '';
    unserved.add(name);
    throw refused(`smlocal does not serve ${name}. docs/fidelity.md lists what it serves.`);
  }
  const contract = loadContract('sagemaker-runtime');
  const input = parseRestInput(contract, 'InvokeEndpoint', { path, headers: request.headers });
  const violations = validate(contract, 'InvokeEndpoint', input);
  if (violations.length > 0) throw validationError(violations, 'ValidationError');
  return input as unknown as InvokeEndpointInput;
}

function notPost(request: IncomingMessage): ServiceError {
  return refused(`InvokeEndpoint is a POST, not a ${request.method}.`);
}

function refused(message: string): ServiceError {
  return new ServiceError('ValidationError', 400, message);
}

function sendError(response: ServerResponse, error: unknown): void {
  const answer = restJsonError(loadContract('sagemaker-runtime'), error);
  response.writeHead(answer.statusCode, {
    ...answer.headers,
    'Content-Length': Buffer.byteLength(answer.body),
  });
  response.end(answer.body);
}
