import { expect, test } from 'vitest';
import { ChangeBatch } from '../../src/reload/change-batch.js';

const never = () => false;
const always = () => true;

test('Files that came, changed or went are taken, each once', () => {
  const batch = new ChangeBatch();
  batch.added('new');
  batch.changed('new');
  batch.changed('old');
  batch.removed('gone');
  expect(batch.take((path) => path !== 'gone')).toEqual(['new', 'old', 'gone']);
  expect(batch.isEmpty).toBe(true);
  expect(batch.take(always)).toEqual([]);
});

test('A file that came to take the place of another is left out, whenever it is told that it went', () => {
  const batch = new ChangeBatch();
  batch.added('sed1');
  batch.changed('inference.py');
  expect(batch.take((path) => path === 'inference.py')).toEqual(['inference.py']);
  batch.removed('sed1');
  expect(batch.take(never)).toEqual([]);
  batch.added('sed1');
  expect(batch.take(always)).toEqual(['sed1']);
  batch.removed('sed1');
  expect(batch.take(never)).toEqual(['sed1']);
});

test('A file that was written by removing it first is not one that is new', () => {
  const batch = new ChangeBatch();
  batch.removed('inference.py');
  batch.added('inference.py');
  expect(batch.take(never)).toEqual(['inference.py']);
});
