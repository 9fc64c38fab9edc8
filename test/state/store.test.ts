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
import { damagedFiles, openCollection } from '../../src/state/store.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'smlocal-store-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = <T = unknown>(logFile?: string, isRecord?: (value: unknown) => boolean) =>
  openCollection<T>({
    directory: join(folder, 'things'),
    log: createLogger({ destination: logFile }),
    ...(isRecord && { isRecord }),
  });

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

test.each([
  ...['../../escape', 'a/b', '.', '..', 'ä 100%', 'nul\u0000'],
  ...['a'.repeat(205), 'a'.repeat(256), '/'.repeat(150), 'ä'.repeat(300)],
])('A key may be %j, and its file stays in the folder', async (key) => {
  await open().put(key, 'here');
  expect(readdirSync(join(folder, 'things'))).toHaveLength(1);
  expect(readdirSync(folder)).toEqual(['things']);
  expect(open().get(key)).toBe('here');
});

test('Only the user may read what is kept', async () => {
  await open().put('a', { secret: true });
  expect(statSync(join(folder, 'things', 'a.json')).mode & 0o077).toBe(0);
});

test.each([
  ['cut short', '{"half":'],
  ['empty', ''],
  ['zeros, as a power cut may leave it', '\0'.repeat(64)],
  ['of another shape', '{"other":1}'],
])('A file that is %s is set aside with a warning, and the rest loads', async (_what, content) => {
  await open().put('good', { is: 'record' });
  writeFileSync(join(folder, 'things', 'bad.json'), content);
  const logFile = join(folder, 'log');
  const things = open(logFile, (value) => (value as { is?: string }).is === 'record');
  expect(things.values()).toEqual([{ is: 'record' }]);
  const files = readdirSync(join(folder, 'things')).sort();
  expect(files).toEqual([expect.stringMatching(/^bad\.json\.damaged-\d{8}T[\d.]+Z$/), 'good.json']);
  const aside = join(folder, 'things', files[0] ?? '');
  expect(damagedFiles(join(folder, 'things'))).toEqual([aside]);
  expect(readFileSync(aside, 'utf8')).toBe(content);
  expect(JSON.parse(readFileSync(logFile, 'utf8'))).toMatchObject({
    level: 40,
    msg: 'set aside a damaged state file',
    path: join(folder, 'things', 'bad.json'),
    aside,
  });
});

test('What a killed process has left half written is removed, and the record is as it was', async () => {
  await open().put('a', 'before');
  writeFileSync(join(folder, 'things', 'a.json.0b5e.partial'), '"aft');
  expect(open().values()).toEqual(['before']);
  expect(readdirSync(join(folder, 'things'))).toEqual(['a.json']);
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
