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

const INVOCATIONS =
  /^\/endpoints\/[^/]+\/(invocations|async-invocations|invocations-response-stream)$/;

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
): Promise<void> {
  try {
    const input = readInput(path, request);
    await invokeEndpoint(input, request, response, context);
  } catch (error) {
    if (response.headersSent) response.destroy();
    else sendError(response, error);
    if (!(error instanceof ServiceError)) throw error;
  }
}

function readInput(path: string, request: IncomingMessage): InvokeEndpointInput {
  const operation = runtimeOperation(path);
  if (operation !== 'invocations' || request.method !== 'POST') throw unserved(request, operation);
  const contract = loadContract('sagemaker-runtime');
  const input = parseRestInput(contract, 'InvokeEndpoint', { path, headers: request.headers });
  const violations = validate(contract, 'InvokeEndpoint', input);
  if (violations.length > 0) throw validationError(violations, 'ValidationError');
  return input as unknown as InvokeEndpointInput;
}

function unserved(request: IncomingMessage, operation: string | undefined): ServiceError {
  return new ServiceError(
    'ValidationError',
    400,
    operation === 'invocations'
      ? `InvokeEndpoint is a POST, not a ${request.method}.`
      : `smlocal does not serve ${operation === 'async-invocations' ? 'InvokeEndpointAsync' : 'InvokeEndpointWithResponseStream'}. Its README lists what it serves.`,
  );
}

function sendError(response: ServerResponse, error: unknown): void {
  const answer = restJsonError(loadContract('sagemaker-runtime'), error);
  response.writeHead(answer.statusCode, {
    ...answer.headers,
    'Content-Length': Buffer.byteLength(answer.body),
  });
  response.end(answer.body);
}
