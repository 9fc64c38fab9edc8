import type { Contract } from '../../../src/contract/contract.js';
import type { ScalarShape, Shape, StringShape } from '../../../src/contract/model.js';
import { brokenText, type Overrides, sample, sampleOfSize, textOf } from './sample-values.js';

export type Members = Readonly<Record<string, unknown>>;

/** One request at the edge of one constraint. */
export interface BoundaryCase {
  readonly operation: string;
  /** The member of the input that it is about, at the top. */
  readonly top: string;
  /** AWS's path to the value, as its message names it. */
  readonly path: string;
  readonly side: 'inside' | 'outside' | 'wrong type';
  /** What the message must say after `failed to satisfy constraint: `, as it begins. */
  readonly constraint: string;
  readonly input: Members;
}

/** A place in an input: where it is, and how the whole input looks with a value there. */
interface Place {
  readonly top: string;
  readonly path: string;
  /** Where a violation of a scalar is reported, and how its constraint begins there. */
  readonly reported: { readonly path: string; readonly word?: string };
  readonly whole: (value: unknown) => Members;
}

export interface Subject {
  readonly contract: Contract;
  readonly overrides: Overrides;
  readonly operation: string;
  /** An input that is complete but for the members that a case adds. */
  readonly base: Members;
}

/** For every constraint of an operation's input, at any depth: what is just inside, just outside, and of another type. */
export function* boundaries(subject: Subject): Generator<BoundaryCase> {
  const { contract, operation, base } = subject;
  const shape = contract.structureOf(operation, 'input');
  for (const [name, member] of Object.entries(shape?.members ?? {})) {
    if (name === shape?.payload) continue;
    const place: Place = {
      top: name,
      path: lowerFirst(name),
      reported: { path: lowerFirst(name) },
      whole: (value) => ({ ...base, [name]: value }),
    };
    if (shape?.required?.includes(name)) yield* missing(subject, place);
    yield* ofShape(subject, member.shape, place, []);
  }
}

function* ofShape(
  subject: Subject,
  shapeName: string,
  place: Place,
  above: readonly string[],
): Generator<BoundaryCase> {
  if (above.includes(shapeName)) return;
  const shape = subject.contract.shape(shapeName);
  const within = [...above, shapeName];
  yield* wrongTypes(subject, shape, place);
  if (shape.type === 'structure') {
    yield* ofMembers(subject, shapeName, shape, place, within);
  } else if (shape.type === 'list') {
    yield* ofSizes(subject, shape, place);
    yield* ofShape(
      subject,
      shape.member.shape,
      elementOf(subject, shape.member.shape, place),
      within,
    );
  } else if (shape.type === 'map') {
    yield* ofSizes(subject, shape, place);
    yield* ofMap(subject, shape, place, within);
  } else yield* ofScalar(subject, shape, place);
}

function* ofMembers(
  subject: Subject,
  shapeName: string,
  shape: Extract<Shape, { type: 'structure' }>,
  place: Place,
  within: readonly string[],
): Generator<BoundaryCase> {
  const { contract, overrides } = subject;
  const around = sample(contract, shapeName, overrides) as Members;
  yield inside(subject, place, around);
  for (const [name, member] of Object.entries(shape.members)) {
    const path = `${place.path}.${lowerFirst(name)}`;
    const inner: Place = {
      top: place.top,
      path,
      reported: { path },
      whole: (value) => place.whole({ ...around, [name]: value }),
    };
    if (shape.required?.includes(name)) yield* missing(subject, inner);
    yield* ofShape(subject, member.shape, inner, within);
  }
}

/** The service names the element that is a structure, and the whole list where its elements are scalars. */
function elementOf({ contract }: Subject, shapeName: string, place: Place): Place {
  const path = `${place.path}.1.member`;
  const isScalar = !['structure', 'list', 'map'].includes(contract.shape(shapeName).type);
  return {
    ...place,
    path,
    reported: isScalar ? { path: place.path, word: 'Member' } : { path },
    whole: (value) => place.whole([value]),
  };
}

function* ofMap(
  subject: Subject,
  shape: Extract<Shape, { type: 'map' }>,
  place: Place,
  within: readonly string[],
): Generator<BoundaryCase> {
  const { contract, overrides } = subject;
  const value = sample(contract, shape.value.shape, overrides);
  // Beside the one that it is about, as many as there must be.
  const others = sampleOfSize(
    contract,
    shape,
    Math.max(0, (shape.min ?? 0) - 1),
    overrides,
  ) as Members;
  const keys: Place = {
    ...place,
    reported: { path: place.path, word: 'Map keys' },
    whole: (key) => place.whole({ ...others, [String(key)]: value }),
  };
  const values: Place = {
    ...place,
    reported: { path: place.path, word: 'Map value' },
    whole: (item) => place.whole({ ...others, K: item }),
  };
  const keyShape = contract.shape(shape.key.shape) as ScalarShape;
  yield* ofScalar(subject, keyShape, keys);
  yield* ofShape(subject, shape.value.shape, values, within);
}

function* ofSizes(
  subject: Subject,
  shape: Extract<Shape, { type: 'list' | 'map' }>,
  place: Place,
): Generator<BoundaryCase> {
  const { min = 0, max } = shape;
  const sized = (size: number) => sampleOfSize(subject.contract, shape, size, subject.overrides);
  yield inside(subject, place, sized(Math.max(min, 1)));
  if (min > 0) yield outside(subject, place, sized(min - 1), tooSmall('length', min));
  if (max === undefined) return;
  yield inside(subject, place, sized(max));
  yield outside(subject, place, sized(max + 1), tooLarge('length', max));
}

const NUMBERS: readonly string[] = ['integer', 'long', 'float', 'double'];

function* ofScalar(subject: Subject, shape: ScalarShape, place: Place): Generator<BoundaryCase> {
  if (shape.type === 'string') yield* ofText(subject, shape, place);
  else if (NUMBERS.includes(shape.type)) {
    const step = ['integer', 'long'].includes(shape.type) ? 1 : 0.5;
    const { min, max } = shape;
    if (min !== undefined) {
      yield inside(subject, place, min);
      yield outside(subject, place, min - step, tooSmall('value', min));
    }
    if (max !== undefined) {
      yield inside(subject, place, max);
      yield outside(subject, place, max + step, tooLarge('value', max));
    }
  } else yield inside(subject, place, sampleOf(shape));
}

function sampleOf({ type }: ScalarShape): unknown {
  return { boolean: false, timestamp: 0, blob: '' }[type as string];
}

function* ofText(subject: Subject, shape: StringShape, place: Place): Generator<BoundaryCase> {
  const { contract } = subject;
  const { min = 0, max, pattern, enum: values } = shape;
  for (const value of values ?? []) yield inside(subject, place, value);
  if (values !== undefined) {
    yield outside(subject, place, 'NotOneOfThem', 'Member must satisfy enum value set: [');
    return;
  }
  const text = (length: number) => textOf(contract, shape, length);
  const shortest = text(Math.max(min, 1));
  if (shortest !== undefined) yield inside(subject, place, shortest);
  const tooShort = min > 0 ? (text(min - 1) ?? 'a'.repeat(min - 1)) : undefined;
  if (tooShort !== undefined) yield outside(subject, place, tooShort, tooSmall('length', min));
  if (max !== undefined) {
    const longest = text(max);
    if (longest !== undefined) yield inside(subject, place, longest);
    yield outside(subject, place, text(max + 1) ?? 'a'.repeat(max + 1), tooLarge('length', max));
  }
  const broken = brokenText(contract, shape);
  if (broken !== undefined && pattern !== undefined) {
    const words = 'Member must satisfy regular expression pattern: ';
    yield outside(subject, place, broken, words);
  }
}

const OTHER_TYPES: Readonly<Record<Shape['type'], readonly unknown[]>> = {
  structure: ['text', 1, true, []],
  list: ['text', 1, true, {}],
  map: ['text', 1, true, []],
  string: [1, true, [], {}],
  integer: ['text', true, [], {}, 0.5, 2 ** 31, -1e300],
  long: ['text', true, [], {}, 0.5, 2 ** 63, -1e300],
  float: ['text', true, [], {}],
  double: ['text', true, [], {}],
  boolean: ['true', 1, [], {}],
  timestamp: ['yesterday', true, [], {}, 1e300],
  blob: [1, true, [], {}, '!'],
};

function* wrongTypes(subject: Subject, shape: Shape, place: Place): Generator<BoundaryCase> {
  for (const value of OTHER_TYPES[shape.type]) {
    const { path, top } = place;
    const input = place.whole(value);
    yield { operation: subject.operation, top, path, side: 'wrong type', constraint: '', input };
  }
}

function* missing(subject: Subject, place: Place): Generator<BoundaryCase> {
  const words = 'Member must not be null';
  for (const value of [undefined, null]) {
    const { operation } = subject;
    const { top, path } = place;
    const input = place.whole(value);
    yield { operation, top, path, side: 'outside', constraint: words, input };
  }
}

function inside({ operation }: Subject, place: Place, value: unknown): BoundaryCase {
  const { top, path } = place;
  return { operation, top, path, side: 'inside', constraint: '', input: place.whole(value) };
}

function outside(
  { operation }: Subject,
  { top, reported, whole }: Place,
  value: unknown,
  words: string,
): BoundaryCase {
  // Of elements that are scalars the service lists every rule, not the broken one.
  const constraint =
    reported.word === undefined ? words : `${reported.word} must satisfy constraint: [`;
  return { operation, top, path: reported.path, side: 'outside', constraint, input: whole(value) };
}

const tooSmall = (what: string, min: number) =>
  `Member must have ${what} greater than or equal to ${min}`;
const tooLarge = (what: string, max: number) =>
  `Member must have ${what} less than or equal to ${max}`;

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
