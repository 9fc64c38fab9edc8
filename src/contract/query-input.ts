import type { Contract } from './contract.js';
import type { ListShape, MapShape, Shape, StructureShape } from './model.js';
import type { Members } from './parse.js';

/** No list that a model allows is longer. */
const MOST_ITEMS = 10_000;

/**
 * The input of an operation as the query protocol sends it (`MetricData.member.1.Value=2`), in the form that JSON would have
 * brought, for `parseInput` to read. What is not of the model is left out, and what is no number stays the text that it is.
 */
export function readQueryInput(
  contract: Contract,
  operationName: string,
  form: URLSearchParams,
): Members {
  const shape = contract.structureOf(operationName, 'input');
  if (shape === undefined) return {};
  return new QueryReader(contract, form).structure(shape, '');
}

class QueryReader {
  readonly #prefixes = new Set<string>();

  constructor(
    private readonly contract: Contract,
    private readonly form: URLSearchParams,
  ) {
    for (const key of form.keys()) {
      const parts = key.split('.');
      for (let end = 1; end <= parts.length; end += 1) {
        this.#prefixes.add(parts.slice(0, end).join('.'));
      }
    }
  }

  structure(shape: StructureShape, prefix: string): Members {
    const out: Record<string, unknown> = {};
    for (const [name, member] of Object.entries(shape.members)) {
      const path = prefix === '' ? name : `${prefix}.${name}`;
      if (this.#prefixes.has(path))
        out[name] = this.#value(this.contract.shape(member.shape), path);
    }
    return out;
  }

  #value(shape: Shape, path: string): unknown {
    switch (shape.type) {
      case 'structure':
        return this.structure(shape, path);
      case 'list':
        return this.#list(shape, path);
      case 'map':
        return this.#map(shape, path);
      default:
        return scalar(shape, this.form.get(path) ?? '');
    }
  }

  #list(shape: ListShape, path: string): unknown[] {
    const member = this.contract.shape(shape.member.shape);
    const items: unknown[] = [];
    for (let at = 1; at <= MOST_ITEMS && this.#prefixes.has(`${path}.member.${at}`); at += 1) {
      items.push(this.#value(member, `${path}.member.${at}`));
    }
    return items;
  }

  #map(shape: MapShape, path: string): Members {
    const member = this.contract.shape(shape.value.shape);
    const entries: [string, unknown][] = [];
    for (let at = 1; at <= MOST_ITEMS && this.#prefixes.has(`${path}.entry.${at}`); at += 1) {
      const entry = `${path}.entry.${at}`;
      entries.push([this.form.get(`${entry}.key`) ?? '', this.#value(member, `${entry}.value`)]);
    }
    return Object.fromEntries(entries);
  }
}

const NUMBERS: readonly Shape['type'][] = ['integer', 'long', 'float', 'double'];

function scalar({ type }: Shape, text: string): unknown {
  if (NUMBERS.includes(type)) {
    return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
  }
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  return text;
}
