import type { Contract } from './contract.js';
import { isSet } from './is-set.js';
import type { ListShape, MapShape, Shape, StructureShape } from './model.js';
import type { Members } from './parse.js';

/** How a protocol writes what JSON has no words for, and how it wraps collections. */
export interface Encoding {
  readonly timestamp: (date: Date) => unknown;
  readonly blob: (bytes: Buffer) => unknown;
  readonly list: (items: readonly unknown[]) => unknown;
  readonly map: (entries: Members) => unknown;
}

/** AWS JSON: seconds with milliseconds, base64, collections as they are. */
export const JSON_ENCODING: Encoding = {
  timestamp: (date) => date.getTime() / 1000,
  blob: (bytes) => bytes.toString('base64'),
  list: (items) => items,
  map: (entries) => entries,
};

/**
 * The body of an operation's answer, ready for JSON.stringify or another writer: only members that the model has, in its
 * order, without the unset ones and those that travel in headers. Undefined means that the answer has no body of members:
 * the operation has no output, or the payload is it.
 */
export function serializeOutput(
  contract: Contract,
  operationName: string,
  output: Members,
  encoding: Encoding = JSON_ENCODING,
): Members | undefined {
  const shape = contract.structureOf(operationName, 'output');
  if (shape === undefined || shape.payload !== undefined) return undefined;
  return new Serializer(contract, encoding).structure(shape, output);
}

class Serializer {
  constructor(
    private readonly contract: Contract,
    private readonly encoding: Encoding,
  ) {}

  structure(shape: StructureShape, value: Members): Members {
    const out: Record<string, unknown> = {};
    for (const [name, member] of Object.entries(shape.members)) {
      if (member.location !== undefined || !isSet(value[name])) continue;
      out[name] = this.#value(this.contract.shape(member.shape), value[name]);
    }
    return out;
  }

  #value(shape: Shape, value: unknown): unknown {
    switch (shape.type) {
      case 'structure':
        return this.structure(shape, value as Members);
      case 'list':
        return this.encoding.list(this.#list(shape, value as readonly unknown[]));
      case 'map':
        return this.encoding.map(this.#map(shape, value as Members));
      case 'timestamp':
        return this.encoding.timestamp(value as Date);
      case 'blob':
        return this.encoding.blob(value as Buffer);
      default:
        return value;
    }
  }

  #list(shape: ListShape, value: readonly unknown[]): unknown[] {
    const member = this.contract.shape(shape.member.shape);
    return value.filter(isSet).map((item) => this.#value(member, item));
  }

  #map(shape: MapShape, value: Members): Members {
    const member = this.contract.shape(shape.value.shape);
    const entries = Object.entries(value)
      .filter(([, item]) => isSet(item))
      .map(([key, item]) => [key, this.#value(member, item)]);
    return Object.fromEntries(entries);
  }
}
