import { expect, test } from 'vitest';

/** Of the benchmark, which is JavaScript. */
const script = new URL('../../bench/all/document.js', import.meta.url).href;
const { groupSection, machineSection, withSection } = await import(script);

const AT = { at: new Date('2026-01-02T03:04:05Z'), commit: 'abc1234' };

test('What is written by hand stays, and a section is replaced between its marks', () => {
  const before =
    '# Title\n\nWords.\n\n<!-- figures: invoke -->\nold\n<!-- end of invoke -->\n\nMore words.\n';
  const after = withSection(before, 'invoke', 'new');
  expect(after).toBe(
    '# Title\n\nWords.\n\n<!-- figures: invoke -->\n\nnew\n\n<!-- end of invoke -->\n\nMore words.\n',
  );
  expect(withSection(after, 'invoke', 'new')).toBe(after);
});

test('A section that the document has not comes at its end', () => {
  const document = withSection('# Title\n', 'soak', 'figures');
  expect(document).toMatch(/^# Title\n\n## soak\n\n<!-- figures: soak -->\n\nfigures/);
  expect(withSection(document, 'soak', 'others')).toContain('\n\nothers\n\n<!-- end of soak -->');
});

test('Each figure stands beside its goal, and a goal that is missed says by how much', () => {
  const text = groupSection(
    {
      figures: { met_ms: 1, missed_ms: 3, rate: 2, low_rate: 1, plain: 7, errors: 2 },
      goals: {
        ...{ met_ms: 1, missed_ms: 2, errors: 0 },
        ...{ rate: { atLeast: 2 }, low_rate: { atLeast: 4 } },
      },
      seconds: 12,
    },
    AT,
  );
  expect(text.split('\n')).toEqual([
    'Measured 2026-01-02 03:04 UTC at abc1234, in 12 s.',
    '',
    '| figure | value | goal |  |',
    '|---|---|---|---|',
    '| `met_ms` | 1 | at most 1 | met |',
    '| `missed_ms` | 3 | at most 2 | **missed** by 1 (50 %) |',
    '| `rate` | 2 | at least 2 | met |',
    '| `low_rate` | 1 | at least 4 | **missed** by 3 (75 %) |',
    '| `plain` | 7 |  |  |',
    '| `errors` | 2 | at most 0 | **missed** by 2 |',
  ]);
});

test('A group that failed says why, and has no figures', () => {
  const text = groupSection({ failure: 'Error: no engine', seconds: 1 }, AT);
  expect(text).toContain('It failed');
  expect(text).toContain('`Error: no engine`');
  expect(text).not.toContain('| figure |');
});

test('What the figures were measured on is a table of its own', () => {
  expect(machineSection({ node: 'v20', docker: 'a | b' })).toBe(
    '| machine |  |\n|---|---|\n| node | v20 |\n| docker | a \\| b |',
  );
});
