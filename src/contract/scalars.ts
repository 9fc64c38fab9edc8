import { ServiceError } from '../errors.js';
import type { ScalarShape } from './model.js';

/** How the framework's messages call the type that was expected. */
const JAVA_TYPES: Readonly<Record<ScalarShape['type'], string>> = {
  string: 'a String',
  integer: 'an Integer',
  long: 'a Long',
  float: 'a Float',
  double: 'a Double',
  boolean: 'a Boolean',
  timestamp: 'a Timestamp',
  blob: 'a Blob',
};

const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const INT_32 = 2 ** 31;

/** What a scalar of this shape is in the service's own types. Throws `SerializationException` for another JSON type. */
export function parseScalar(shape: ScalarShape, value: unknown): unknown {
  const parsed = PARSERS[shape.type](value);
  if (parsed === undefined) throw cannotConvert(value, JAVA_TYPES[shape.type]);
  return parsed;
}

/** Undefined says that the value is not of the type. */
const PARSERS: Readonly<Record<ScalarShape['type'], (value: unknown) => unknown>> = {
  string: (value) => (typeof value === 'string' ? value : undefined),
  integer: (value) => (isInt32(value) ? value : undefined),
  long: (value) => (Number.isSafeInteger(value) ? value : undefined),
  float: numberOf,
  double: numberOf,
  boolean: (value) => (typeof value === 'boolean' ? value : undefined),
  timestamp: parseTimestamp,
  blob: (value) =>
    typeof value === 'string' && value.length % 4 === 0 && BASE64.test(value)
      ? Buffer.from(value, 'base64')
      : undefined,
};

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function isInt32(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= -INT_32 && Number(value) < INT_32;
}

/** Seconds since the epoch, whole or with a fraction, as the SDKs send; an ISO 8601 text is taken too. */
function parseTimestamp(value: unknown): Date | undefined {
  const date =
    typeof value === 'number'
      ? new Date(Math.round(value * 1000))
      : new Date(typeof value === 'string' && ISO_TIME.test(value) ? value : Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/**
 * The error for a JSON value of the wrong type, in the words of AWS's Java framework. Those for strings and numbers
 * are public (`STRING_VALUE can not be converted to an Integer`), as are those for lists and structures, of DynamoDB
 * and SES; like them this names no member.
 */
export function cannotConvert(value: unknown, expected: string): ServiceError {
  if (Array.isArray(value)) return serializationError('Start of list found where not expected');
  if (typeof value === 'object' && value !== null) {
    return serializationError('Start of structure or map found where not expected.');
  }
  return serializationError(`${tokenName(value)} can not be converted to ${expected}`);
}

/** `SerializationException`, 400: what was sent could not be read as the input's types. */
export function serializationError(message: string): ServiceError {
  return new ServiceError('SerializationException', 400, message);
}

function tokenName(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'TRUE_VALUE' : 'FALSE_VALUE';
  if (typeof value === 'number') return Number.isInteger(value) ? 'NUMBER_VALUE' : 'DECIMAL_VALUE';
  return 'STRING_VALUE';
}
