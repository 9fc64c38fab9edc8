import { ServiceError } from '../errors.js';
import { truncate } from './code-points.js';
import type { Contract } from './contract.js';
import type { StructureShape } from './model.js';

/** An error as it goes over the wire, but for the headers that every answer has (request id, length). */
export interface ErrorAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** AWS's text for the common error InternalFailure; what really happened goes to the log and never to a client. */
const INTERNAL_FAILURE = new ServiceError(
  'InternalFailure',
  500,
  'The request processing has failed because of an unknown error, exception or failure.',
);

/**
 * An error of the control plane, AWS JSON 1.1: the code in `__type`, the text in `Message` when the model describes the
 * error with such a member, else in `message`. What is no ServiceError becomes InternalFailure, 500, and tells nothing.
 */
export function awsJsonError(contract: Contract, thrown: unknown): ErrorAnswer {
  const error = asServiceError(thrown);
  const shape = contract.modelledError(error.code);
  const text = { [shape?.members.Message === undefined ? 'message' : 'Message']: error.message };
  return {
    statusCode: statusOf(error, shape),
    headers: {
      'Content-Type': `application/x-amz-json-${contract.metadata.jsonVersion ?? '1.1'}`,
      ...queryErrorHeader(contract, error, shape),
    },
    body: JSON.stringify({ __type: error.code, ...bodyOf(contract, error, shape, text) }),
  };
}

/**
 * An error of the runtime, REST-JSON: the code in the header `x-amzn-ErrorType`, where the SDKs look for it, the status
 * of the model, and the text in `Message`. Texts are cut to the length that the model allows (2048). Members beside the
 * model's are kept, because the real service sends one: `ErrorCode`.
 */
export function restJsonError(contract: Contract, thrown: unknown): ErrorAnswer {
  const error = asServiceError(thrown);
  const shape = contract.modelledError(error.code);
  return {
    statusCode: statusOf(error, shape),
    headers: { 'Content-Type': 'application/json', 'x-amzn-ErrorType': error.code },
    body: JSON.stringify(bodyOf(contract, error, shape, { Message: error.message })),
  };
}

/** What the query protocol calls an error: its own code, where it has one. */
export function queryCodeOf(contract: Contract, code: string): string {
  return contract.modelledError(code)?.error?.code ?? code;
}

/** Clients of a service that once spoke the query protocol look here for its code. */
function queryErrorHeader(
  contract: Contract,
  error: ServiceError,
  shape: StructureShape | undefined,
): Readonly<Record<string, string>> {
  if (contract.metadata.awsQueryCompatible === undefined) return {};
  const side = statusOf(error, shape) < 500 ? 'Sender' : 'Receiver';
  return { 'x-amzn-query-error': `${queryCodeOf(contract, error.code)};${side}` };
}

function asServiceError(thrown: unknown): ServiceError {
  return thrown instanceof ServiceError ? thrown : INTERNAL_FAILURE;
}

function statusOf(error: ServiceError, shape: StructureShape | undefined): number {
  return shape?.error?.httpStatusCode ?? error.statusCode;
}

/** The members and then the text, which no member of the same name can replace; without an empty text. */
function bodyOf(
  contract: Contract,
  error: ServiceError,
  shape: StructureShape | undefined,
  text: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> {
  const all = Object.entries({ ...error.members, ...(error.message === '' ? {} : text) });
  return Object.fromEntries(
    all.map(([name, value]) => [name, cut(value, maxLength(contract, shape, name))]),
  );
}

function maxLength(contract: Contract, shape: StructureShape | undefined, name: string): number {
  const member = shape?.members[name];
  const target = member === undefined ? undefined : contract.shape(member.shape);
  return (target?.type === 'string' ? target.max : undefined) ?? Number.POSITIVE_INFINITY;
}

function cut(value: unknown, max: number): unknown {
  return typeof value === 'string' ? truncate(value, max) : value;
}
