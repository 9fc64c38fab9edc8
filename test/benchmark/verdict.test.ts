import { expect, test } from 'vitest';

/** Of the benchmark, which is JavaScript. */
const script = (name: string) => new URL(`../../bench/short/${name}`, import.meta.url).href;
const { best, verdictOn, worsening } = await import(script('verdict.js'));
const { reportOf } = await import(script('report.js'));

test('How much worse a ratio is depends on which way is better', () => {
  expect(worsening('less', 1, 1.25)).toBeCloseTo(0.25);
  expect(worsening('less', 1, 0.5)).toBeCloseTo(-0.5);
  expect(worsening('more', 1, 0.75)).toBeCloseTo(0.25);
  expect(worsening('more', 1, 2)).toBeCloseTo(-1);
});

test('A ratio is worse when it is so by more than 30 % in every round', () => {
  expect(verdictOn('less', 1, [1.29])).toBe('fine');
  expect(verdictOn('less', 1, [1.31])).toBe('worse');
  expect(verdictOn('less', 1, [1.31, 1.5, 1.2])).toBe('fine');
  expect(verdictOn('less', 1, [1.31, 1.5, 1.32])).toBe('worse');
  expect(verdictOn('more', 1, [0.71])).toBe('fine');
  expect(verdictOn('more', 1, [0.69, 0.5])).toBe('worse');
  expect(best('more', [0.69, 0.5])).toBe(0.69);
});

test('What was never accepted, or could not be measured, is worse', () => {
  expect(verdictOn('less', undefined, [1])).toBe('worse');
  expect(verdictOn('less', 1, [])).toBe('worse');
  expect(verdictOn('less', 1, [Number.NaN])).toBe('worse');
});

test('The report has a result for every check', () => {
  const { testResults } = reportOf([
    { name: 'a', state: 'passed', text: 'a is fine' },
    { name: 'b', state: 'failed', text: 'b is worse' },
    { name: 'c', state: 'skipped', text: 'c: no nginx' },
  ]);
  expect(testResults).toHaveLength(1);
  expect(testResults[0].assertionResults).toEqual([
    { status: 'passed', fullName: 'a is fine' },
    { status: 'failed', fullName: 'b is worse' },
    { status: 'skipped', fullName: 'c: no nginx' },
  ]);
});
