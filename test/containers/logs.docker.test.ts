import { expect, test } from 'vitest';
import { collect } from './contract.js';
import { noConnectionsHeld, useDocker } from './docker-fixture.js';
import { docker } from './test-image.js';

const { engine, labels, run } = useDocker();

test('Following that its signal ends closes its connection', async () => {
  const { id } = await run('echo one; sleep 60');
  const controller = new AbortController();
  for await (const _ of engine.logs(id, { follow: true, signal: controller.signal })) {
    controller.abort();
  }
  await noConnectionsHeld();
});

test('Leaving the loop early closes the connection', async () => {
  const { id } = await run('while :; do echo x; done');
  for await (const _ of engine.logs(id, { follow: true })) break;
  await noConnectionsHeld();
});

test('The output of a container with a terminal is read as well', async () => {
  const [name, value] = Object.entries(labels)[0] ?? [];
  const args = ['--detach', '--tty', '--label', `${name}=${value}`];
  const id = await docker('run', ...args, 'debian:bookworm-slim', 'sh', '-c', 'echo ☃; echo two');
  await engine.waitForExit(id);
  const lines = await collect(engine.logs(id));
  expect(lines.map(({ stream, text }) => `${stream} ${text}`)).toEqual(['stdout ☃', 'stdout two']);
});
