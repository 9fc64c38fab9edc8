import { expect, test } from 'vitest';
import { compileFilter } from '../../src/services/logs/filter-pattern.js';

const LINES = [
  '[ERROR] 400 Bad Request',
  '[ERROR] 500 Server "broke"',
  '[INFO] ok (took 12 ms)',
  'error in worker-3',
];

const matched = (pattern: string) => LINES.map(compileFilter(pattern)).map(Number).join('');

test.each([
  ['', '1111'],
  ['ERROR', '1100'],
  ['ERROR Request', '1000'],
  ['?400 ?took', '1010'],
  ['ERROR ?400 ?took', '1100'],
  ['ERROR -Request', '0100'],
  ['-ERROR', '0011'],
  ['"Bad Request"', '1000'],
  ['"Server \\"broke\\""', '0100'],
  ['worker-3', '0001'],
  ['%[45]00 [A-Z]%', '1100'],
  ['%^error%', '0001'],
])('The pattern %j wants %s of the lines', (pattern, wanted) => {
  expect(matched(pattern)).toBe(wanted);
});

test.each(['{ $.level = "x" }', '[ip, user]', '"open', '%(a)%', '%[%', 'a*b'])(
  'The pattern %j is refused',
  (pattern) => {
    expect(() => compileFilter(pattern)).toThrow(
      expect.objectContaining({ code: 'InvalidParameterException', statusCode: 400 }),
    );
  },
);
