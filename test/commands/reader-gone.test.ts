import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { ROOT } from '../support/fixtures.js';

test('Whoever reads the output of `up` may go first: it stops as it should', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'smlocal-reader-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'config.yml'), 'engine: process\n');
  const up = spawn(process.execPath, [`${ROOT}dist/cli.js`, 'up', '--port', '0'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const complaints = text(up.stderr);
  const ended = once(up, 'exit');
  await once(up.stdout, 'data');
  up.stdout.destroy();
  await once(up.stdout, 'close');
  up.kill('SIGINT');
  expect(await ended).toEqual([0, null]);
  expect(await complaints).not.toContain('EPIPE');
});
