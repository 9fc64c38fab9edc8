import { mkdtempSync, rmSync } from 'node:fs';
import { appendFile, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLogger } from '../../src/log.js';
import { LogStore } from '../../src/services/logs/log-store.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'smlocal-logs-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = (limits = {}) => new LogStore(folder, createLogger(), limits);

async function messages(store: LogStore, group: string, stream: string) {
  const events = await (await store.group(group))?.streams.get(stream)?.events();
  return events?.map(({ ordinal, timestamp, message }) => [ordinal, timestamp, message]);
}

test('What was appended is there after a restart, in the order of time, and goes on', async () => {
  const store = open();
  await store.append('/g', 'v/i', [{ timestamp: 5, text: 'one' }]);
  await store.append('/g', 'v/i', [{ timestamp: 4, text: 'late' }]);
  await store.append('/g', 'v/i', [{ timestamp: 6, text: '' }]);
  await store.append('/g', 'v/i', [{ timestamp: 7, text: 'zwölf\n{"a":1}' }]);
  const kept = [
    [0, 5, 'one'],
    [1, 5, 'late'],
    [2, 7, 'zwölf\n{"a":1}'],
  ];
  expect(await messages(store, '/g', 'v/i')).toEqual(kept);
  const again = open();
  const stream = (await again.group('/g'))?.streams.get('v/i');
  expect(stream).toMatchObject({ firstTimestamp: 5, lastTimestamp: 7 });
  await again.append('/g', 'v/i', [{ timestamp: 8, text: 'more' }]);
  expect(await messages(again, '/g', 'v/i')).toEqual([...kept, [3, 8, 'more']]);
});

test('Half a line, which a kill leaves, costs only itself', async () => {
  const store = open();
  await store.append('/g', 's', [{ timestamp: 1, text: 'whole' }]);
  const directory = (await store.group('/g'))?.streams.get('s')?.directory ?? '';
  const [file = ''] = await readdir(directory);
  await appendFile(join(directory, file), '[2,2,"ha');
  await writeFile(join(folder, 'stray'), '');
  const again = open();
  await again.append('/g', 's', [{ timestamp: 3, text: 'after' }]);
  expect(await messages(again, '/g', 's')).toEqual([
    [0, 1, 'whole'],
    [2, 3, 'after'],
  ]);
});

test('A stream that is too long loses its oldest events, and their numbers stay gone', async () => {
  const store = open({ segmentBytes: 500, streamBytes: 2_000 });
  for (let at = 0; at < 200; at += 1) {
    await store.append('/g', 's', [{ timestamp: at, text: `line ${at}` }]);
    await store.group('/g');
  }
  const kept = await messages(store, '/g', 's');
  expect(kept?.at(-1)).toEqual([199, 199, 'line 199']);
  expect(kept?.[0]?.[0]).toBeGreaterThan(50);
  expect(kept?.every(([ordinal, , text]) => text === `line ${ordinal}`)).toBe(true);
  const [group] = await store.groups();
  expect(group?.streams.get('s')?.bytes).toBeLessThanOrEqual(2_000);
});

test('Where there are too many streams, those that have been silent for longest go, and groups with them', async () => {
  const store = open({ streams: 2 });
  for (const group of ['/a', '/b', '/c']) {
    await store.append(group, 's', [{ timestamp: 1, text: 'x' }]);
    await store.group(group);
  }
  expect((await store.groups()).map(({ name }) => name)).toEqual(['/b', '/c']);
  expect(await readdir(folder)).toHaveLength(2);
});

test('What is deleted and made again is another', async () => {
  const store = open();
  await store.append('/g', 's', [{ timestamp: 1, text: 'old' }]);
  expect(await store.deleteGroup('/g')).toBe(true);
  expect(await store.deleteGroup('/g')).toBe(false);
  expect(await store.groups()).toEqual([]);
  await store.append('/g', 's', [{ timestamp: 2, text: 'new' }]);
  expect(await messages(store, '/g', 's')).toEqual([[0, 2, 'new']]);
});
