import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDockerEngine } from '../../src/containers/docker.js';
import { takeLock } from '../../src/daemon/lock.js';
import { purge } from '../../src/daemon/purge.js';
import { startDaemon } from '../../src/daemon/start-daemon.js';
import { StateFolder } from '../../src/daemon/state-folder.js';
import { createLogger } from '../../src/log.js';
import { configFor } from '../support/test-daemon.js';

const NO_ENGINE = createDockerEngine({
  log: createLogger(),
  dockerHost: 'unix:///nowhere/docker.sock',
});

let parent: string;
let folder: StateFolder;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'smlocal-purge-'));
  folder = new StateFolder(join(parent, '.smlocal'));
});
afterEach(() => rmSync(parent, { recursive: true }));

test('Whatever a daemon has made is removed, and the folder with it', async () => {
  const daemon = await startDaemon({ config: configFor('process'), stateDir: folder.path });
  await daemon.stop({ force: true });
  expect(readdirSync(folder.path)).not.toEqual([]);
  expect(await purge(folder, NO_ENGINE)).toMatchObject({ engineAnswers: false, left: [] });
  expect(existsSync(folder.path)).toBe(false);
});

test('What is not ours in the folder stays, and is named', async () => {
  folder.create();
  mkdirSync(folder.records('models'), { recursive: true });
  writeFileSync(join(folder.path, 'notes.txt'), 'mine');
  expect(await purge(folder, NO_ENGINE)).toMatchObject({ left: ['notes.txt'] });
  expect(readdirSync(folder.path)).toEqual(['notes.txt']);
});

test.each([undefined, 'node_modules\n'])(
  'A folder that smlocal has not made is left alone (its .gitignore: %j)',
  async (ignored) => {
    mkdirSync(join(folder.path, 'state'), { recursive: true });
    if (ignored !== undefined) writeFileSync(join(folder.path, '.gitignore'), ignored);
    const before = readdirSync(folder.path);
    await expect(purge(folder, NO_ENGINE)).rejects.toThrow(
      `${folder.path} is not a folder that smlocal has made; nothing was removed.`,
    );
    expect(readdirSync(folder.path)).toEqual(before);
  },
);

test('A folder that a daemon uses is left alone', async () => {
  folder.create();
  const unlock = takeLock(folder.lockFile);
  await expect(purge(folder, NO_ENGINE)).rejects.toThrow('smlocal is running already');
  expect(existsSync(folder.lockFile)).toBe(true);
  unlock();
});
