import { ServiceError } from '../../errors.js';

/* The texts of what is not found are the service's own, as its clients' issues quote them; the others are guessed. */

export function groupNotFound(): ServiceError {
  return notFound('group');
}

export function streamNotFound(): ServiceError {
  return notFound('stream');
}

export function invalidParameter(message: string): ServiceError {
  return new ServiceError('InvalidParameterException', 400, message);
}

export function invalidToken(): ServiceError {
  return invalidParameter('The specified nextToken is invalid.');
}

function notFound(what: 'group' | 'stream'): ServiceError {
  return new ServiceError(
    'ResourceNotFoundException',
    400,
    `The specified log ${what} does not exist.`,
  );
}
