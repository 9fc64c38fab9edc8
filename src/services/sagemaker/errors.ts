import { ServiceError } from '../../errors.js';

/*
 * The control plane's errors, in the service's own words where they have been seen (contract.md, F.1). All of these are
 * `ValidationException`: SDK waiters take that code for "not found".
 */

const NOUNS = {
  model: 'model',
  'endpoint-config': 'endpoint configuration',
  endpoint: 'endpoint',
} as const;

type Noun = keyof typeof NOUNS;

export function notFound(type: Noun, arn: string): ServiceError {
  return invalid(`Could not find ${NOUNS[type]} "${arn}".`);
}

export function alreadyExists(type: Noun, arn: string): ServiceError {
  return invalid(`Cannot create already existing ${NOUNS[type]} "${arn}".`);
}

export function inProgress(endpointArn: string): ServiceError {
  return invalid(`Cannot update in-progress endpoint "${endpointArn}".`);
}

/** For what SageMaker has and smlocal has not: named, never silently ignored. */
export function notServed(member: string, what: string): ServiceError {
  return invalid(
    `smlocal does not serve ${member} (${what}). See "What differs from SageMaker" in its README.`,
  );
}

export function invalid(message: string): ServiceError {
  return new ServiceError('ValidationException', 400, message);
}
