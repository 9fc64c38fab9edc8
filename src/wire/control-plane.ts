import type { IncomingMessage, ServerResponse } from 'node:http';
import { loadContract } from '../contract/contract.js';
import { awsJsonError } from '../contract/errors.js';
import { parseInput } from '../contract/parse.js';
import { serializeOutput } from '../contract/serialize.js';
import { validate, validationError } from '../contract/validate.js';
import { ServiceError } from '../errors.js';
import type { OperationContext } from '../services/sagemaker/context.js';
import { OPERATIONS } from '../services/sagemaker/operations.js';
import type { UnservedCalls } from '../services/unserved-calls.js';
import { readBody } from './read-body.js';
import { refuseUnwritten } from './unwritten.js';

/** Starts the `X-Amz-Target` of every control plane request. */
export const TARGET_PREFIX = 'SageMaker.';

/** The service's own limit is not known; no request that its model allows comes near this. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/**
 * One operation from its name and its JSON input to its JSON output: parsed, checked and serialised by the service model.
 * Requests over the wire and `config.yml` go through here alike.
 *
 * @returns the answer's body, undefined where the operation has none
 * @throws ServiceError
 */
export async function runOperation(
  name: string,
  body: unknown,
  context: OperationContext,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const contract = loadContract('sagemaker');
  const operation = OPERATIONS.get(name);
  if (operation === undefined) throw unservedOperation(name, contract.isKnownOperation(name));
  const input = parseInput(contract, name, body);
  const violations = validate(contract, name, input);
  if (violations.length > 0) throw validationError(violations);
  const output = await operation(input as never, context).catch(refuseUnwritten);
  return serializeOutput(contract, name, { ...output });
}

/** Answers `POST /` with `X-Amz-Target: SageMaker.*`: AWS JSON 1.1. Throws only what is a bug, after it has answered. */
export async function answerControlPlane(
  request: IncomingMessage,
  response: ServerResponse,
  context: OperationContext,
  unserved: UnservedCalls,
): Promise<void> {
  const name = String(request.headers['x-amz-target']).slice(TARGET_PREFIX.length);
  if (!OPERATIONS.has(name) && loadContract('sagemaker').isKnownOperation(name)) unserved.add(name);
  try {
    const output = await runOperation(name, await readJson(request), context);
    const body = output === undefined ? '' : JSON.stringify(output);
    send(response, {
      statusCode: 200,
      headers: { 'Content-Type': 'application/x-amz-json-1.1' },
      body,
    });
  } catch (error) {
    send(response, awsJsonError(loadContract('sagemaker'), error));
    if (!(error instanceof ServiceError)) throw error;
  }
}

function send(
  response: ServerResponse,
  answer: { statusCode: number; headers: Readonly<Record<string, string>>; body: string },
): void {
  response.writeHead(answer.statusCode, {
    ...answer.headers,
    'Content-Length': Buffer.byteLength(answer.body),
  });
  response.end(answer.body);
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const text = await readBody(request, MAX_BODY_BYTES);
  if (text === undefined) {
    throw new ServiceError('RequestEntityTooLargeException', 413, 'The request is too large.');
  }
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new ServiceError('SerializationException', 400, 'The request body is not valid JSON.');
  }
}

function unservedOperation(name: string, known: boolean): ServiceError {
  if (!known)
    return new ServiceError('UnknownOperationException', 404, `There is no operation ${name}.`);
  return new ServiceError(
    'UnsupportedOperation',
    400,
    `smlocal does not serve the SageMaker operation ${name}. docs/fidelity.md lists what it serves.`,
  );
}
