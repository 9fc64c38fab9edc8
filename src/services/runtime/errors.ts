import { ServiceError } from '../../errors.js';
import { logGroupArn } from '../../hosting/arn.js';
import type { ModelOutcome } from '../../hosting/multi-model/forward-to-model.js';
import type { InvocationInput, RuntimeContext } from './context.js';

/* The runtime's errors, in the service's own words where they have been seen (contract.md, A.2.5 and F.3). */

/** A single-container model's container has this name in every message of the service. */
export const CONTAINER = 'primary';

/** The service sends no text (opensearch-project/ml-commons#2429). */
export function throttled(): ServiceError {
  return new ServiceError('ThrottlingException', 400, '', { message: null });
}

/** The error that an invocation ended with, if any. */
export function errorOf(
  outcome: ModelOutcome,
  maxBodyBytes: number,
  input: InvocationInput,
  context: RuntimeContext,
): ServiceError | undefined {
  switch (outcome.kind) {
    case 'answered':
    case 'client-gone':
      return undefined;
    case 'too-large':
      // The wording of the service's own message for its older, smaller limit.
      return invalid(
        `1 validation error detected: Value at 'body' failed to satisfy constraint: Member must have length less than or equal to ${maxBodyBytes}`,
      );
    case 'timed-out':
      return modelError(input, context, 0, {
        message: `Your invocation timed out while waiting for a response from container ${CONTAINER}. Review the latency metrics for each container in Amazon CloudWatch, resolve the issue, and try again.`,
      });
    case 'no-answer':
      return noResponse(input, context);
    case 'no-such-model':
      return noSuchModel(outcome);
    case 'not-ready':
      return notReady(input);
    case 'error-status':
      return modelError(input, context, outcome.statusCode, {
        message: outcome.body.toString('utf8'),
        whole: outcome.whole,
      });
  }
}

/** The first two sentences are the service's as they are remembered; no source has them. The last says why here. */
function noSuchModel({ uri, reason }: { uri: string; reason: string }): ServiceError {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.*)$/s.exec(uri) ?? [];
  const place = bucket === undefined ? `url: ${uri}` : `bucket: ${bucket}, key: ${key}`;
  return invalid(
    `Failed to download model data(${place}). Please ensure that there is an object located at the URL and that the role passed to CreateModel has permissions to download the model. ${reason}`,
  );
}

/** The service's text is not known; SDKs go by the code, and try again. */
function notReady({ TargetModel, EndpointName }: InvocationInput): ServiceError {
  return new ServiceError(
    'ModelNotReadyException',
    429,
    `Model ${TargetModel} of endpoint ${EndpointName} is not ready for inference yet. Wait and try your request again.`,
  );
}

export function noResponse(input: InvocationInput, context: RuntimeContext): ServiceError {
  return modelError(input, context, 0, {
    message: `Amazon SageMaker could not get a response from the ${input.EndpointName} endpoint. This can occur when CPU or memory utilization is high. To check your utilization, see Amazon CloudWatch. To fix this problem, use an instance type with more CPU capacity or memory.`,
  });
}

/** `ModelError` as the service words it (contract.md, A.2.5 and F.3). */
function modelError(
  { EndpointName }: InvocationInput,
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

export function invalid(message: string, errorCode?: string): ServiceError {
  return new ServiceError(
    'ValidationError',
    400,
    message,
    errorCode ? { ErrorCode: errorCode } : {},
  );
}
