import type { Contract } from './contract.js';
import { isSet } from './is-set.js';
import type { ListShape, MapShape, Shape, StructureShape } from './model.js';
import type { Members } from './parse.js';

/**
 * The JSON body of an operation's answer, ready for JSON.stringify: only members that the model has, in its order,
 * without the unset ones and those that travel in headers; a Date becomes a number of seconds with milliseconds, as
 * AWS JSON sends. Undefined means that the answer has no JSON body: the operation has no output, or the payload is it.
 */
export function serializeOutput(
  contract: Contract,
  operationName: string,
  output: Members,
): Members | undefined {
  const shape = contract.structureOf(operationName, 'output');
  if (shape === undefined || shape.payload !== undefined) return undefined;
  return serializeStructure(contract, shape, output);
}

function serializeValue(contract: Contract, shape: Shape, value: unknown): unknown {
  switch (shape.type) {
    case 'structure':
      return serializeStructure(contract, shape, value as Members);
    case 'list':
      return serializeList(contract, shape, value as readonly unknown[]);
    case 'map':
      return serializeMap(contract, shape, value as Members);
    case 'timestamp':
      return (value as Date).getTime() / 1000;
    case 'blob':
      return (value as Buffer).toString('base64');
    default:
      return value;
  }
}

function serializeStructure(contract: Contract, shape: StructureShape, value: Members): Members {
  const out: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(shape.members)) {
    if (member.location !== undefined || !isSet(value[name])) continue;
    out[name] = serializeValue(contract, contract.shape(member.shape), value[name]);
  }
  return out;
}

function serializeList(contract: Contract, shape: ListShape, value: readonly unknown[]): unknown[] {
  const member = contract.shape(shape.member.shape);
  return value.filter(isSet).map((item) => serializeValue(contract, member, item));
}

function serializeMap(contract: Contract, shape: MapShape, value: Members): Members {
  const member = contract.shape(shape.value.shape);
  const entries = Object.entries(value)
    .filter(([, item]) => isSet(item))
    .map(([key, item]) => [key, serializeValue(contract, member, item)]);
  return Object.fromEntries(entries);
}
