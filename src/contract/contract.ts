import { readFileSync } from 'node:fs';
import { shipped } from '../shipped.js';
import { EXTENSIONS, type WidenedPattern } from './extensions.js';
import type { ContractName, OperationModel, ServiceModel, Shape, StructureShape } from './model.js';
import { compilePattern } from './pattern.js';

/** A service model that can be asked. Immutable to its callers. */
export class Contract {
  readonly metadata: ServiceModel['metadata'];
  readonly #operations: ReadonlyMap<string, OperationModel>;
  readonly #shapes: ReadonlyMap<string, Shape>;
  readonly #known: ReadonlySet<string>;
  readonly #patterns = new Map<string, RegExp>();

  constructor(model: ServiceModel, extensions: Readonly<Record<string, WidenedPattern>> = {}) {
    this.metadata = model.metadata;
    this.#operations = new Map(Object.entries(model.operations));
    this.#shapes = new Map(
      Object.entries(model.shapes).map(([name, shape]) => [name, widened(shape, extensions[name])]),
    );
    this.#known = new Set(model.operationNames);
  }

  /** The operation, when smlocal carries its shapes; its name may be anything a client sent. */
  operation(name: string): OperationModel | undefined {
    return this.#operations.get(name);
  }

  /** The names of the operations whose shapes smlocal carries. */
  get operationNames(): readonly string[] {
    return [...this.#operations.keys()];
  }

  /** Whether AWS has an operation of this name, served here or not. */
  isKnownOperation(name: string): boolean {
    return this.#known.has(name);
  }

  /** A shape by its name; asking for one that the model has not is a bug. */
  shape(name: string): Shape {
    const shape = this.#shapes.get(name);
    if (shape === undefined) throw new Error(`The service model has no shape ${name}`);
    return shape;
  }

  /** The input or output structure of an operation; undefined when it has none. */
  structureOf(operationName: string, side: 'input' | 'output'): StructureShape | undefined {
    const operation = this.operation(operationName);
    if (operation === undefined) throw new Error(`No operation ${operationName} in the contract`);
    const ref = operation[side];
    if (ref === undefined) return undefined;
    const shape = this.shape(ref.shape);
    if (shape.type !== 'structure') throw new Error(`${ref.shape} is not a structure`);
    return shape;
  }

  /** The shape of an error that the model describes; undefined for AWS's common errors, which no model lists. */
  modelledError(code: string): StructureShape | undefined {
    const shape = this.#shapes.get(code);
    return shape?.type === 'structure' && shape.exception ? shape : undefined;
  }

  /** Whether the whole text matches a pattern of the model. The caller has checked its length. */
  matches(pattern: string, text: string): boolean {
    let expression = this.#patterns.get(pattern);
    if (expression === undefined) {
      expression = compilePattern(pattern);
      this.#patterns.set(pattern, expression);
    }
    return expression.test(text);
  }
}

function widened(shape: Shape, extension: WidenedPattern | undefined): Shape {
  if (extension === undefined || shape.type !== 'string') return shape;
  return { ...shape, pattern: extension.pattern };
}

const loaded = new Map<ContractName, Contract>();

/** The contract of a service, read from its generated model on first use and shared after that. */
export function loadContract(name: ContractName): Contract {
  let contract = loaded.get(name);
  if (contract === undefined) {
    const text = readFileSync(shipped(`contract/models/${name}.json`), 'utf8');
    contract = new Contract(JSON.parse(text) as ServiceModel, EXTENSIONS[name]);
    loaded.set(name, contract);
  }
  return contract;
}
