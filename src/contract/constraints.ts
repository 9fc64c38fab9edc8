import { codePointLength } from './code-points.js';
import type { Contract } from './contract.js';
import type { Bounds, ListShape, MapShape, ScalarShape, StringShape } from './model.js';

/** One rule on one value: whether the value keeps it, and AWS's words for it. The words of an enum are long. */
export interface Constraint {
  readonly holds: (value: unknown) => boolean;
  readonly words: () => string;
}

/** The model's constraints on a scalar: upper bound, lower bound, pattern, enum, as AWS lists them. */
export function scalarConstraints(contract: Contract, shape: ScalarShape): Constraint[] {
  switch (shape.type) {
    case 'string':
      return stringConstraints(contract, shape);
    case 'integer':
    case 'long':
    case 'float':
    case 'double':
      return bounded(shape, 'value', Number);
    default:
      return [];
  }
}

/** The model's constraints on the number of entries. */
export function sizeConstraints(shape: ListShape | MapShape): Constraint[] {
  return bounded(shape, 'length', (value) => Object.keys(value as object).length);
}

function stringConstraints(contract: Contract, shape: StringShape): Constraint[] {
  const { pattern, enum: values, max = Number.POSITIVE_INFINITY } = shape;
  const constraints = bounded(shape, 'length', (value) => codePointLength(String(value)));
  if (pattern !== undefined) {
    constraints.push({
      // A text that is too long is reported for that alone: no pattern backtracks over what a client made endless.
      holds: (value) =>
        codePointLength(String(value)) > max || contract.matches(pattern, String(value)),
      words: () => `Member must satisfy regular expression pattern: ${anchored(pattern)}`,
    });
  }
  if (values !== undefined) {
    constraints.push({
      holds: (value) => values.includes(String(value)),
      words: () => `Member must satisfy enum value set: [${values.join(', ')}]`,
    });
  }
  return constraints;
}

function bounded(
  { min, max }: Bounds,
  what: 'length' | 'value',
  measure: (value: unknown) => number,
): Constraint[] {
  const constraints: Constraint[] = [];
  if (max !== undefined) {
    constraints.push({
      holds: (value) => measure(value) <= max,
      words: () => `Member must have ${what} less than or equal to ${max}`,
    });
  }
  if (min !== undefined) {
    constraints.push({
      holds: (value) => measure(value) >= min,
      words: () => `Member must have ${what} greater than or equal to ${min}`,
    });
  }
  return constraints;
}

/** Texts seen of the service begin with `^`, which botocore's patterns have lost (amazon-sagemaker-examples#2228). */
function anchored(pattern: string): string {
  return /^(\^|\\A)/.test(pattern) ? pattern : `^${pattern}`;
}
