import type { Contract } from './contract.js';
import { isSet } from './is-set.js';
import type { ListShape, MapShape, Shape, StructureShape } from './model.js';
import { cannotConvert, parseScalar, serializationError } from './scalars.js';

/** An operation's input or output: AWS's member names, and the values that its shapes say. */
export type Members = Readonly<Record<string, unknown>>;

/**
 * Turns a request body that JSON.parse has read into the operation's input: timestamps become Date and blobs Buffer,
 * members that the model does not have are ignored as AWS ignores them, and null is the same as absent. Constraints
 * are {@link validate}'s matter; a JSON value of the wrong type is this function's, as in AWS's framework, which
 * gives up at the first: throws ServiceError `SerializationException`, 400.
 *
 * Safe on hostile bodies: only modelled members are looked at, so the depth is the model's own, and a map entry called
 * `__proto__` becomes an entry like any other.
 */
export function parseInput(contract: Contract, operationName: string, body: unknown): Members {
  const shape = contract.structureOf(operationName, 'input');
  if (shape === undefined || !isSet(body)) return {};
  return parseStructure(contract, shape, body);
}

function parseValue(contract: Contract, shape: Shape, value: unknown): unknown {
  switch (shape.type) {
    case 'structure':
      return parseStructure(contract, shape, value);
    case 'list':
      return parseList(contract, shape, value);
    case 'map':
      return parseMap(contract, shape, value);
    default:
      return parseScalar(shape, value);
  }
}

function parseStructure(contract: Contract, shape: StructureShape, value: unknown): Members {
  const object = asObject(value);
  const input: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(shape.members)) {
    if (!Object.hasOwn(object, name) || object[name] === null) continue;
    input[name] = parseValue(contract, contract.shape(member.shape), object[name]);
  }
  return input;
}

/** A null keeps its place in the list, so that a violation names the right index. */
function parseList(contract: Contract, shape: ListShape, value: unknown): unknown[] {
  if (!Array.isArray(value)) throw notACollection(value, 'list');
  const member = contract.shape(shape.member.shape);
  return value.map((item) => (item === null ? null : parseValue(contract, member, item)));
}

/** fromEntries defines each entry, where an assignment to `__proto__` would change the object. */
function parseMap(contract: Contract, shape: MapShape, value: unknown): Members {
  const member = contract.shape(shape.value.shape);
  const entries = Object.entries(asObject(value)).map(([key, item]) => [
    key,
    item === null ? null : parseValue(contract, member, item),
  ]);
  return Object.fromEntries(entries);
}

function asObject(value: unknown): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw notACollection(value, 'map');
  }
  return value as Members;
}

function notACollection(value: unknown, expected: 'list' | 'map') {
  return typeof value === 'object'
    ? cannotConvert(value, expected)
    : serializationError(`Expected ${expected} or null`);
}
