import { expect, test } from 'vitest';
import { type Answer, differences } from '../../src/deploy/expectation.js';

const answer = (body: string, change: Partial<Answer> = {}): Answer => ({
  status: 200,
  contentType: 'application/json',
  body: Buffer.from(body),
  ...change,
});

const found = (body: string, expected: object, change?: Partial<Answer>, file?: Buffer) =>
  differences(answer(body, change), { status: 200, tolerance: 0, ...expected }, file);

test.each<[string, object]>([
  ['[1, {"a": null}]', { json: [1, { a: null }] }],
  ['{"b": 2, "a": 1}', { json: { a: 1, b: 2 } }],
  ['[0.3000001]', { json: [0.3], tolerance: 1e-5 }],
  ['anything', {}],
  ['one two', { text: 'one two' }],
  ['one two', { contains: 'two' }],
  ['1', { contentType: 'application/json' }],
  ['null', { json: null }],
])('%s is as expected by %j', (body, expected) => {
  expect(found(body, expected)).toEqual([]);
});

test.each<[string, object, string[]]>([
  ['[1, 2]', { json: [1, 3] }, ['$[1] is 2, and not 3']],
  ['[1]', { json: [1, 3] }, ['$[1] is missing']],
  ['[1, 3]', { json: [1] }, ['$[1] is 3, and not expected']],
  ['{"a": {"b": "x"}}', { json: { a: { b: 'y' } } }, ['$.a.b is "x", and not "y"']],
  ['{"a": 1}', { json: [1] }, ['$ is {"a":1}, and not [1]']],
  ['[0.31]', { json: [0.3], tolerance: 0.001 }, ['$[0] is 0.31, and not 0.3']],
  ['"1"', { json: 1 }, ['$ is "1", and not 1']],
  ['[]', { json: null }, ['$ is [], and not null']],
  ['<html>', { json: {} }, ['it is no JSON: <html>']],
  ['one', { text: 'two' }, ['one, and not two']],
  ['one', { contains: 'two' }, ['one has no two in it']],
  ['1', { contentType: 'text/csv' }, ['content type application/json, and not text/csv']],
])('%s is told to differ from %j', (body, expected, lines) => {
  expect(found(body, expected)).toEqual(lines);
});

test('Another status is told with what was answered, and nothing else', () => {
  const refused = { status: 400 };
  expect(found('bad input', { json: 1 }, refused)).toEqual(['status 400, and not 200: bad input']);
  expect(found('bad input', { status: 400, contains: 'bad' }, refused)).toEqual([]);
});

test('A file is compared byte for byte', () => {
  expect(found('abc', {}, {}, Buffer.from('abc'))).toEqual([]);
  expect(found('abc', {}, {}, Buffer.from('abd'))).toHaveLength(1);
});

test('Of many differences the first are told, and how many more there are', () => {
  const lines = found(JSON.stringify(Array(20).fill(1)), { json: Array(20).fill(2) });
  expect(lines).toHaveLength(6);
  expect(lines.at(-1)).toBe('and 15 more');
});
