import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { isRunning } from '../../src/daemon/lock.js';
import { ExitCode } from '../../src/errors.js';
import { docker, removeImages } from '../containers/test-image.js';
import { makeEchoImage, serve } from '../support/echo.js';
import { Killable } from '../support/killable.js';

/* What is left of a daemon that runs no more, and how to get rid of it. */

const IMAGE = 'smlocal-test/left-behind:1';
const VOLUME = 'smlocal-pip-cache';

let daemon: Killable;

beforeAll(() => makeEchoImage(IMAGE));
afterAll(() => removeImages(IMAGE));

beforeEach(() => {
  daemon = new Killable({}, ['--port', '0', '--engine', 'docker']);
});
afterEach(() => daemon.dispose());

test('After a crash "smlocal status" says what is there and what to type next', async () => {
  await daemon.start();
  await serve(daemon, 'one', { Image: IMAGE });
  await serve(daemon, 'three', { Image: IMAGE });
  const [one = ''] = await daemon.containers('one');
  const [three = ''] = await daemon.containers('three');
  await daemon.kill();
  await docker('kill', three);
  const status = await daemon.smlocal('status');
  expect(status).toMatchObject({ code: ExitCode.notRunning, stderr: '' });
  expect(status.stdout).toContain('smlocal is not running. It ended without being stopped');
  expect(status.stdout).toContain(`one    was InService  ${one.slice(0, 12)} runs\n`);
  expect(status.stdout).toContain(`three  was InService  ${three.slice(0, 12)} has stopped\n`);
  for (const next of ['smlocal up', 'smlocal down', 'smlocal down --purge'])
    expect(status.stdout).toContain(`"${next}"`);
  expect(JSON.parse((await daemon.smlocal('status', '--json')).stdout)).toMatchObject({
    running: false,
    crashed: true,
    endpoints: [{ EndpointName: 'one' }, { EndpointName: 'three' }],
  });

  await daemon.smlocal('down');
  const after = await daemon.smlocal('status');
  expect(after.stdout).toContain('It was stopped, and this is left of it');
  expect(after.stdout).toMatch(/^one +was InService$/m);
  expect(after.stdout).not.toContain('to remove the containers');
});

test.each(['that runs', 'that was killed'])(
  '"smlocal down --purge" leaves no container, volume, file or process of a daemon %s',
  async (which) => {
    const model = join(daemon.folder, 'model');
    await mkdir(model);
    await writeFile(join(model, 'version'), '1\n');
    await daemon.start();
    await serve(daemon, 'e', { Image: IMAGE, ModelDataUrl: pathToFileURL(`${model}/`).href });
    if (which === 'that was killed') await daemon.kill();
    const down = await daemon.smlocal('down', '--force', '--purge');
    expect(down).toMatchObject({ code: ExitCode.ok, stderr: '' });
    expect(down.stdout).toContain(`Removed ${daemon.state.path}.\n`);
    expect(await daemon.containers()).toEqual([]);
    expect(existsSync(daemon.state.path)).toBe(false);
    expect(isRunning(daemon.pid)).toBe(false);
    const volumes = (await docker('volume', 'ls', '--format', '{{.Name}}')).split('\n');
    expect(volumes.includes(VOLUME)).toBe(down.stdout.includes(`${VOLUME} stays`));
    expect(await docker('network', 'ls', '--quiet', '--filter', 'name=smlocal')).toBe('');

    const again = await daemon.smlocal('down', '--purge');
    expect(again).toMatchObject({ code: ExitCode.ok, stderr: '' });
    expect(again.stdout).toContain('There is nothing to remove');
    expect(await daemon.smlocal('status')).toMatchObject({
      code: ExitCode.notRunning,
      stderr: expect.stringContaining('Start it with "smlocal up"'),
    });
  },
);
