import type { IncomingMessage, ServerResponse } from 'node:http';
import { loadContract } from '../contract/contract.js';
import { restJsonError } from '../contract/errors.js';
import { parseRestInput } from '../contract/rest-headers.js';
import { validate, validationError } from '../contract/validate.js';
import { ServiceError } from '../errors.js';
import type { InvocationInput, RuntimeContext } from '../services/runtime/context.js';
import { invokeEndpoint } from '../services/runtime/invoke-endpoint.js';
import { invokeEndpointWithResponseStream } from '../services/runtime/invoke-endpoint-with-response-stream.js';
import type { UnservedCalls } from '../services/unserved-calls.js';

const INVOCATIONS =
  /^\/endpoints\/[^/]+\/(invocations|async-invocations|invocations-response-stream)$/;

/** By the last part of their paths; what has no function is not served. */
const OPERATIONS: Readonly<Record<string, { name: string; run?: typeof invokeEndpoint }>> = {
  invocations: { name: 'InvokeEndpoint', run: invokeEndpoint },
  'invocations-response-stream': {
    name: 'InvokeEndpointWithResponseStream',
    run: invokeEndpointWithResponseStream,
  },
  'async-invocations': { name: 'InvokeEndpointAsync' },
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
    const { name, run } = operationOf(path, request);
    if (run === undefined) {
      unserved.add(name);
      throw refused(`smlocal does not serve ${name}. docs/fidelity.md lists what it serves.`);
    }
    await run(readInput(name, path, request), request, response, context);
  } catch (error) {
    if (response.headersSent) response.destroy();
    else sendError(response, error);
    if (!(error instanceof ServiceError)) throw error;
  }
}

function operationOf(path: string, { method }: IncomingMessage) {
  const operation = OPERATIONS[runtimeOperation(path) ?? ''];
  if (operation === undefined) throw new Error(`${path} is no path of the runtime's`);
  if (method !== 'POST') throw refused(`${operation.name} is a POST, not a ${method}.`);
  return operation;
}

function readInput(name: string, path: string, { headers }: IncomingMessage): InvocationInput {
  const contract = loadContract('sagemaker-runtime');
  const input = parseRestInput(contract, name, { path, headers });
  const violations = validate(contract, name, input);
  if (violations.length > 0) throw validationError(violations, 'ValidationError');
  return input as unknown as InvocationInput;
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
