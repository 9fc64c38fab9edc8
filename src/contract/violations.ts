import { scalarConstraints, sizeConstraints } from './constraints.js';
import type { Contract } from './contract.js';
import { isSet } from './is-set.js';
import type { ListShape, MapShape, ScalarShape, Shape, ShapeRef, StructureShape } from './model.js';
import type { Members } from './parse.js';
import { renderValue } from './render-value.js';

/** One rule of the model that an input breaks. */
export interface Violation {
  /** AWS's path to the value: `productionVariants.1.member.modelName`. */
  readonly path: string;
  /** The value as AWS prints it; null when it is missing, undefined when it is secret. */
  readonly value: string | null | undefined;
  /** What it should have kept to: `Member must not be null`. */
  readonly constraint: string;
}

function* valueViolations(
  contract: Contract,
  shape: Shape,
  value: unknown,
  path: string,
): Generator<Violation> {
  switch (shape.type) {
    case 'structure':
      yield* structureViolations(contract, shape, value as Members, path);
      break;
    case 'list':
      yield* listViolations(contract, shape, value as unknown[], path);
      break;
    case 'map':
      yield* mapViolations(contract, shape, value as Members, path);
      break;
    default:
      for (const constraint of scalarConstraints(contract, shape)) {
        if (!constraint.holds(value)) yield violation(shape, value, path, constraint.words());
      }
  }
}

/** What a structure breaks, member by member in the order of the model; `path` is empty at the top. */
export function* structureViolations(
  contract: Contract,
  shape: StructureShape,
  value: Members,
  path: string,
): Generator<Violation> {
  if (shape.union && Object.keys(shape.members).filter((name) => isSet(value[name])).length !== 1) {
    yield violation(shape, value, path, 'Member must have exactly one member set');
  }
  for (const [name, member] of Object.entries(shape.members)) {
    if (name === shape.payload) continue;
    const memberPath = joined(path, name.charAt(0).toLowerCase() + name.slice(1));
    if (isSet(value[name])) {
      yield* valueViolations(contract, contract.shape(member.shape), value[name], memberPath);
    } else if (shape.required?.includes(name)) yield missing(memberPath);
  }
}

/** Of a list or map that is too large, only as many entries are looked at as it may have. */
function* listViolations(
  contract: Contract,
  shape: ListShape,
  list: unknown[],
  path: string,
): Generator<Violation> {
  yield* sizeViolations(shape, list, path);
  const elements = list
    .slice(0, shape.max)
    .map((item, index): Element => [`${index + 1}.member`, item]);
  yield* elementViolations(contract, shape.member, elements, { whole: list, path, word: 'Member' });
}

function* mapViolations(
  contract: Contract,
  shape: MapShape,
  map: Members,
  path: string,
): Generator<Violation> {
  yield* sizeViolations(shape, map, path);
  const keys = Object.keys(map)
    .slice(0, shape.max)
    .map((key): Element => [key, key]);
  const values = Object.entries(map)
    .slice(0, shape.max)
    .map(([key, item]): Element => [`${key}.member`, item]);
  yield* elementViolations(contract, shape.key, keys, { whole: map, path, word: 'Map keys' });
  yield* elementViolations(contract, shape.value, values, { whole: map, path, word: 'Map value' });
}

/** Where an element is, below its collection, and what it is. */
type Element = readonly [suffix: string, value: unknown];

interface Collection {
  readonly whole: unknown;
  readonly path: string;
  readonly word: 'Member' | 'Map keys' | 'Map value';
}

/**
 * AWS points at the element when it is a structure, and at the whole collection, once and with all the rules for an
 * element, when it is a scalar: `Value '{k=v}' at 'hyperParameters' failed to satisfy constraint: Map value must
 * satisfy constraint: [Member must have length less than or equal to 2500, …]`
 * (aws-samples/amazon-sagemaker-pytorch-detectron2#10).
 */
function* elementViolations(
  contract: Contract,
  ref: ShapeRef,
  elements: readonly Element[],
  collection: Collection,
): Generator<Violation> {
  const shape = contract.shape(ref.shape);
  const present: Element[] = [];
  for (const element of elements) {
    if (isSet(element[1])) present.push(element);
    else yield missing(joined(collection.path, renderValue(element[0])));
  }
  if (isScalar(shape)) yield* scalarElementViolations(contract, shape, present, collection);
  else {
    for (const [suffix, value] of present) {
      yield* valueViolations(contract, shape, value, joined(collection.path, suffix));
    }
  }
}

function* scalarElementViolations(
  contract: Contract,
  shape: ScalarShape,
  elements: readonly Element[],
  { whole, path, word }: Collection,
): Generator<Violation> {
  const constraints = scalarConstraints(contract, shape);
  const kept = elements.every(([, value]) => constraints.every(({ holds }) => holds(value)));
  if (kept) return;
  const rules = constraints.map(({ words }) => words()).join(', ');
  yield violation(shape, whole, path, `${word} must satisfy constraint: [${rules}]`);
}

function* sizeViolations(
  shape: ListShape | MapShape,
  value: object,
  path: string,
): Generator<Violation> {
  for (const constraint of sizeConstraints(shape)) {
    if (!constraint.holds(value)) yield violation(shape, value, path, constraint.words());
  }
}

function isScalar(shape: Shape): shape is ScalarShape {
  return shape.type !== 'structure' && shape.type !== 'list' && shape.type !== 'map';
}

function joined(path: string, part: string): string {
  return path === '' ? part : `${path}.${part}`;
}

function missing(path: string): Violation {
  return { path, value: null, constraint: 'Member must not be null' };
}

function violation(
  { sensitive }: { readonly sensitive?: boolean },
  value: unknown,
  path: string,
  constraint: string,
): Violation {
  return { path, value: sensitive ? undefined : renderValue(value), constraint };
}
