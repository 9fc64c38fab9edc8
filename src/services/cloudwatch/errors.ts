import { ServiceError } from '../../errors.js';

/** A value that cannot be; `InvalidParameterValue` to clients of the query protocol. */
export function invalidValue(message: string): ServiceError {
  return new ServiceError('InvalidParameterValueException', 400, message);
}

/** Values that do not go together. */
export function invalidCombination(message: string): ServiceError {
  return new ServiceError('InvalidParameterCombinationException', 400, message);
}

export function missing(parameter: string): ServiceError {
  return new ServiceError(
    'MissingRequiredParameterException',
    400,
    `The parameter ${parameter} is required.`,
  );
}

/** What breaks no rule of the model and is refused all the same. */
export function validationError(message: string): ServiceError {
  return new ServiceError('ValidationError', 400, message);
}
