import { ServiceError } from '../errors.js';
import type { Contract } from './contract.js';
import type { Members } from './parse.js';
import { structureViolations, type Violation } from './violations.js';

export type { Violation };

/** How many violations a message spells out; its head counts all. */
const MAX_PRINTED = 50;

/**
 * Every constraint of the model that the input breaks, at any depth and in the model's order: required members, length
 * in code points, value, pattern, enum, size of lists and maps, unions. A payload member is not looked at, because it
 * is a stream. The input comes from {@link parseInput} or {@link parseRestInput}.
 */
export function validate(contract: Contract, operationName: string, input: Members): Violation[] {
  const shape = contract.structureOf(operationName, 'input');
  return shape === undefined ? [] : [...structureViolations(contract, shape, input, '')];
}

/** What services call an input that breaks the model's constraints. */
export type InvalidCode = 'ValidationException' | 'ValidationError' | 'InvalidParameterException';

/**
 * One error that names all violations, in the words of AWS's framework:
 * `1 validation error detected: Value 'x' at 'path' failed to satisfy constraint: …`, 400. The control plane's code is
 * `ValidationException`, the runtime's is `ValidationError`, that of CloudWatch Logs and ECR `InvalidParameterException`.
 */
export function validationError(
  violations: readonly Violation[],
  code: InvalidCode = 'ValidationException',
): ServiceError {
  const count = violations.length;
  const head = `${count} validation error${count === 1 ? '' : 's'} detected: `;
  const parts = violations.slice(0, MAX_PRINTED).map(describe);
  return new ServiceError(code, 400, head + parts.join('; '));
}

function describe({ path, value, constraint }: Violation): string {
  const shown = value === undefined ? '' : value === null ? ' null' : ` '${value}'`;
  return `Value${shown} at '${path}' failed to satisfy constraint: ${constraint}`;
}
