import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLogger } from '../../src/log.js';
import { openCollection } from '../../src/state/store.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'smlocal-store-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = <T = unknown>(logFile?: string) =>
  openCollection<T>(join(folder, 'things'), createLogger({ destination: logFile }));

test('What was put is there after it is opened again', async () => {
  const record = { name: 'a', list: [1, { deep: true }], none: null };
  await open().put('a', record);
  expect(open().get('a')).toEqual(record);
  expect(open().values()).toEqual([record]);
});

test('A date comes back a date, and a string that looks like one stays a string', async () => {
  const record = {
    at: new Date('2026-01-02T03:04:05.678Z'),
    Environment: { RELEASED: '2026-01-02T03:04:05.678Z' },
    deep: [{ at: new Date(0) }],
  };
  await open().put('a', record);
  expect(open().get('a')).toEqual(record);
});

test('A write is seen by the next read at once', () => {
  const things = open();
  const written = things.put('a', 1);
  expect(things.get('a')).toBe(1);
  const deleted = things.delete('a');
  expect(things.get('a')).toBeUndefined();
  return Promise.all([written, deleted]);
});

test('Of many writes at once the last is on disk', async () => {
  const things = open();
  await Promise.all(Array.from({ length: 50 }, (_, index) => things.put('a', { index })));
  expect(open().get('a')).toEqual({ index: 49 });
});

test('What was deleted is gone, and deleting it again is no error', async () => {
  const things = open();
  await things.put('a', 1);
  await things.delete('a');
  await things.delete('a');
  expect(open().values()).toEqual([]);
});

test('A put and a delete at once leave on disk what memory says', async () => {
  const things = open();
  await Promise.all([things.put('a', 1), things.delete('a')]);
  expect(open().get('a')).toEqual(things.get('a'));
});

test.each(['../../escape', 'a/b', '.', '..', 'ä 100%', 'nul\u0000'])(
  'A key may be %j, and its file stays in the folder',
  async (key) => {
    await open().put(key, 'here');
    expect(readdirSync(join(folder, 'things'))).toHaveLength(1);
    expect(readdirSync(folder)).toEqual(['things']);
    expect(open().get(key)).toBe('here');
  },
);

test('Only the user may read what is kept', async () => {
  await open().put('a', { secret: true });
  expect(statSync(join(folder, 'things', 'a.json')).mode & 0o077).toBe(0);
});

test('A damaged file is set aside with a warning, and the rest loads', async () => {
  await open().put('good', 1);
  writeFileSync(join(folder, 'things', 'bad.json'), '{"half":');
  const logFile = join(folder, 'log');
  const things = open(logFile);
  expect(things.values()).toEqual([1]);
  expect(readdirSync(join(folder, 'things')).sort()).toEqual(['bad.json.damaged', 'good.json']);
  expect(JSON.parse(readFileSync(logFile, 'utf8'))).toMatchObject({
    level: 40,
    msg: 'set aside a damaged state file',
    path: join(folder, 'things', 'bad.json'),
  });
});

test('What is not a record’s file is let be', async () => {
  await open().put('a', 1);
  writeFileSync(join(folder, 'things', 'README'), 'mine');
  mkdirSync(join(folder, 'things', 'folder'));
  expect(open().values()).toEqual([1]);
});

test('A write that fails leaves the record as it was', async () => {
  const things = open();
  await things.put('a', 'before');
  rmSync(join(folder, 'things'), { recursive: true });
  await expect(things.put('a', 'after')).rejects.toThrow('ENOENT');
  await expect(things.put('new', 1)).rejects.toThrow('ENOENT');
  expect([things.get('a'), things.get('new')]).toEqual(['before', undefined]);
});

test('A delete that fails leaves the record there', async () => {
  const things = open();
  await things.put('a', 'before');
  rmSync(join(folder, 'things', 'a.json'));
  mkdirSync(join(folder, 'things', 'a.json'));
  await expect(things.delete('a')).rejects.toThrow();
  expect(things.get('a')).toBe('before');
});

test('Of two writes that both fail nothing is kept', async () => {
  const things = open();
  await things.put('a', 'before');
  rmSync(join(folder, 'things'), { recursive: true });
  await Promise.allSettled([things.put('a', 'one'), things.put('a', 'two')]);
  expect(things.get('a')).toBe('before');
});
