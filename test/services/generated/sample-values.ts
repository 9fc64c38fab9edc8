import type { Contract } from '../../../src/contract/contract.js';
import type { MapShape, ScalarShape, Shape, StringShape } from '../../../src/contract/model.js';

/** Begins of texts that one or another pattern of the models wants; the rest is filled up. */
const BEGINS = [
  '',
  's3://b/',
  's3://b',
  'https://b/',
  'arn:aws:iam::123456789012:role/',
  'arn:aws:sagemaker:us-east-1:123456789012:model/',
  'arn:aws:sagemaker:us-east-1:123456789012:reserved-capacity/',
  'arn:aws:sns:us-east-1:123456789012:',
  'text/',
  'ml.',
];

const FILLERS = ['a', '1', '/', '`'];

/** Texts that are likely to break a pattern, put before, after and in the place of a good one. */
const BREAKERS = ['\n', ' ', '!', '-', '\u00e9', '\u0001', '\u{1F600}', '#'];

/**
 * A text of a given length, in code points, that the shape's pattern accepts; undefined where none is known.
 *
 * @param index other texts for other numbers, as far as the pattern allows
 */
export function textOf(
  contract: Contract,
  { pattern }: StringShape,
  length: number,
  index = 0,
): string | undefined {
  const tail = index === 0 ? '' : String(index);
  const all = BEGINS.flatMap((begin) =>
    FILLERS.map(
      (filler) => begin + filler.repeat(Math.max(0, length - begin.length - tail.length)) + tail,
    ),
  );
  return all.find(
    (text) => text.length === length && (pattern === undefined || contract.matches(pattern, text)),
  );
}

/** A text within the shape's length that its pattern refuses; undefined where the pattern takes anything. */
export function brokenText(contract: Contract, shape: StringShape): string | undefined {
  const { pattern, min = 0, max = Number.POSITIVE_INFINITY } = shape;
  if (pattern === undefined) return undefined;
  const good = String(sampleScalar(contract, shape, 0));
  return BREAKERS.flatMap((breaker) => [
    good + breaker,
    breaker + good,
    breaker.repeat(Math.max(1, min)),
  ])
    .filter((text) => [...text].length >= min && [...text].length <= max)
    .find((text) => !contract.matches(pattern, text));
}

function sampleScalar(contract: Contract, shape: ScalarShape, index: number): unknown {
  switch (shape.type) {
    case 'string':
      return shape.enum?.[0] ?? shortText(contract, shape, index);
    case 'boolean':
      return true;
    case 'blob':
      return 'AAAA';
    case 'timestamp':
      return 1_700_000_000.5;
    default:
      return shape.min ?? shape.max ?? 1;
  }
}

function shortText(contract: Contract, shape: StringShape, index: number): string {
  for (let length = Math.max(1, shape.min ?? 0); length <= 80; length += 1) {
    const text = textOf(contract, shape, length, index);
    if (text !== undefined) return text;
  }
  throw new Error(`No sample is known for the pattern ${shape.pattern}; add how it begins.`);
}

/** Structures that rules beyond the model hold to more than the model says. */
export type Overrides = Readonly<
  Record<string, (index: number) => Readonly<Record<string, unknown>>>
>;

/** A smallest value of a shape: of a structure what is required, of a list as many as must be. */
export function sample(
  contract: Contract,
  shapeName: string,
  overrides: Overrides,
  index = 0,
): unknown {
  const override = overrides[shapeName];
  if (override !== undefined) return override(index);
  const shape = contract.shape(shapeName);
  switch (shape.type) {
    case 'structure':
      return Object.fromEntries(
        (shape.required ?? []).map((name) => [
          name,
          sample(contract, shape.members[name]?.shape ?? '', overrides, index),
        ]),
      );
    case 'list':
    case 'map':
      return sampleOfSize(contract, shape, shape.min ?? 0, overrides);
    default:
      return sampleScalar(contract, shape, index);
  }
}

/** A list or map of so many entries. */
export function sampleOfSize(
  contract: Contract,
  shape: Extract<Shape, { type: 'list' | 'map' }>,
  size: number,
  overrides: Overrides,
): unknown {
  const numbers = Array.from({ length: size }, (_, index) => index);
  if (shape.type === 'list')
    return numbers.map((index) => sample(contract, shape.member.shape, overrides, index));
  return Object.fromEntries(numbers.map((index) => entry(contract, shape, overrides, index)));
}

function entry(contract: Contract, shape: MapShape, overrides: Overrides, index: number) {
  return [`K${index}`, sample(contract, shape.value.shape, overrides, index)] as const;
}
