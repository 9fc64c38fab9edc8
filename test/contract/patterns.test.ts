import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadContract } from '../../src/contract/contract.js';
import { compilePattern } from '../../src/contract/pattern.js';
import { validate } from '../../src/contract/validate.js';
import { models } from './models.js';

/** Written by ./pattern-verdicts: a 1 for each sample that Java says matches as a whole. */
interface Verdicts {
  readonly samples: readonly string[];
  readonly matches: Readonly<Record<string, string>>;
}

const { samples, matches } = JSON.parse(
  readFileSync(new URL('./pattern-verdicts.json', import.meta.url), 'utf8'),
) as Verdicts;

const patterns = [
  ...new Set(
    models().flatMap(({ model }) =>
      Object.values(model.shapes).flatMap((shape) =>
        shape.type === 'string' && shape.pattern !== undefined ? [shape.pattern] : [],
      ),
    ),
  ),
].sort();

/** Those that take every sample: they cannot be tested from outside. */
const TAKES_ALL = [
  '[\\S\\s]*',
  '[\\u0020-\\uD7FF\\uE000-\\uFFFD\\uD800\\uDC00-\\uDBFF\\uDFFF\\r\\n\\t]*',
];

describe('the patterns of the service models', () => {
  it('have all been put to Java', () => {
    expect(Object.keys(matches).sort()).toEqual(patterns);
  });

  it.each(patterns)('%s matches whole strings as in Java', (pattern) => {
    const expression = compilePattern(pattern);
    const verdicts = samples.map((sample) => (expression.test(sample) ? '1' : '0')).join('');
    expect(verdicts).toBe(matches[pattern]);
  });

  it.each(patterns)('%s is shown by a sample that matches and one that does not', (pattern) => {
    expect(matches[pattern]).toContain('1');
    if (!TAKES_ALL.includes(pattern)) expect(matches[pattern]).toContain('0');
  });

  it.each([
    ['\\-a\\_b\\ ', '-a_b '],
    ['[a\\-c]\\:', '-:'],
    ['\\\\A', '\\A'],
    ['.', '😀'],
  ])('reads the escapes of %s as Java does', (pattern, text) => {
    expect(compilePattern(pattern).test(text)).toBe(true);
    expect(compilePattern(pattern).test(`${text}!`)).toBe(false);
  });
});

describe('a hostile string', () => {
  const SIZE = 100_000;
  const HOSTILE = [
    'a'.repeat(SIZE),
    `${'a'.repeat(SIZE)}!`,
    `${'a-'.repeat(SIZE / 2)}`,
    `a${'-'.repeat(SIZE)}`,
    `s3://${'a/'.repeat(SIZE / 2)}\n`,
    `s3://${'/'.repeat(SIZE)}\n`,
    '\n'.repeat(SIZE),
    `arn:aws${'-'.repeat(SIZE)}`,
    '😀'.repeat(SIZE / 2),
  ];
  const members = models().flatMap(({ name }) => {
    const contract = loadContract(name);
    return contract.operationNames.flatMap((operation) =>
      Object.entries(contract.structureOf(operation, 'input')?.members ?? {})
        .filter(([, { shape }]) => contract.shape(shape).type === 'string')
        .map(([member]) => ({ contract, operation, member })),
    );
  });

  it.each(HOSTILE.map((text, index) => ({ index, text })))(
    'of 100 KB (number $index) is refused at once by every string member',
    ({ text }) => {
      const start = performance.now();
      for (const { contract, operation, member } of members) {
        validate(contract, operation, { [member]: text });
      }
      expect(members.length).toBeGreaterThan(50);
      expect(performance.now() - start).toBeLessThan(2_000);
    },
  );

  it.each(patterns)(
    'as long as the model allows does not make %s backtrack for long',
    (pattern) => {
      const expression = compilePattern(pattern);
      const longest = Math.max(
        ...models().flatMap(({ model }) =>
          Object.values(model.shapes).map((shape) =>
            shape.type === 'string' && shape.pattern === pattern ? (shape.max ?? 0) : 0,
          ),
        ),
      );
      const start = performance.now();
      for (const text of HOSTILE) expression.test(text.slice(0, longest - 1).concat('\n'));
      expect(performance.now() - start).toBeLessThan(1_000);
    },
  );
});
