import type { IncomingMessage, ServerResponse } from 'node:http';
import type { OperationContext } from '../services/sagemaker/context.js';
import { OPERATIONS } from '../services/sagemaker/operations.js';
import type { UnservedCalls } from '../services/unserved-calls.js';
import { answerJson, type JsonService, runJsonOperation } from './aws-json.js';

/** Starts the `X-Amz-Target` of every control plane request. */
export const TARGET_PREFIX = 'SageMaker.';

const SAGEMAKER: JsonService<OperationContext> = {
  contract: 'sagemaker',
  title: 'SageMaker',
  invalidCode: 'ValidationException',
  operations: OPERATIONS,
};

/**
 * One operation of SageMaker's, as `runJsonOperation` does it. Requests over the wire and `config.yml` go through here alike.
 *
 * @returns the answer's body, undefined where the operation has none
 * @throws ServiceError
 */
export function runOperation(
  name: string,
  body: unknown,
  context: OperationContext,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  return runJsonOperation({ service: SAGEMAKER, context }, name, body);
}

/** Answers `POST /` with `X-Amz-Target: SageMaker.*`: AWS JSON 1.1. Throws only what is a bug, after it has answered. */
export function answerControlPlane(
  request: IncomingMessage,
  response: ServerResponse,
  context: OperationContext,
  unserved: UnservedCalls,
): Promise<void> {
  return answerJson(request, response, { service: SAGEMAKER, context }, unserved);
}
