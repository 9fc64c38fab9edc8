import { globalAgent } from 'node:http';
import { expect, test, vi } from 'vitest';
import { publishedAddress } from '../../src/containers/observe.js';
import { logged, noConnectionsHeld, useDocker } from './docker-fixture.js';
import { docker } from './test-image.js';

const { engine, labels, run } = useDocker();

test('A container that ended at once tells how, and its address is port 0, where nobody is asked', async () => {
  const container = await run('exit 5');
  const status = await engine.waitForExit(container.id);
  expect(status).toEqual({ exitCode: 5, outOfMemory: false });
  const [info] = JSON.parse(await docker('inspect', container.id));
  expect(publishedAddress(info, 8080)).toEqual({ host: '127.0.0.1', port: 0 });
  expect((await engine.list(labels))[0]?.address).toBeUndefined();
});

test('The end of a container is noticed within a second', async () => {
  const { id } = await run('trap "exit 3" TERM; echo ready; while :; do sleep 0.05; done');
  await logged(engine, id, 'ready');
  const exit = engine.waitForExit(id);
  await docker('kill', '--signal', 'TERM', id);
  expect(await exit).toEqual({ exitCode: 3, outOfMemory: false });
  const ended = Date.parse(await docker('inspect', '--format', '{{.State.FinishedAt}}', id));
  expect(Date.now() - ended).toBeLessThan(1_000);
});

test('Waiting for an end can be called off and closes its connection', async () => {
  const { id } = await run('sleep 60');
  const controller = new AbortController();
  const waiting = engine.waitForExit(id, controller.signal);
  await vi.waitFor(() => expect(Object.values(globalAgent.sockets)).toHaveLength(1));
  controller.abort(new Error('called off'));
  await expect(waiting).rejects.toThrow('called off');
  await noConnectionsHeld();
  await expect(engine.waitForExit(id, controller.signal)).rejects.toThrow('called off');
});

test('A container that was removed has ended with -1, and one removed meanwhile as it was killed', async () => {
  const { id } = await run('sleep 60');
  const waiting = engine.waitForExit(id);
  await engine.remove(id);
  expect(await waiting).toEqual({ exitCode: 137, outOfMemory: false });
  expect(await engine.waitForExit(id)).toEqual({ exitCode: -1, outOfMemory: false });
});

test('Stopping sends SIGTERM and lets the container end by itself', async () => {
  const { id } = await run('trap "exit 7" TERM; echo ready; while :; do sleep 0.05; done');
  await logged(engine, id, 'ready');
  await engine.stop(id, 20);
  expect(await engine.waitForExit(id)).toEqual({ exitCode: 7, outOfMemory: false });
});

test('A container that ignores SIGTERM is killed after the grace', async () => {
  const { id } = await run('trap "" TERM; echo ready; while :; do sleep 0.05; done');
  await logged(engine, id, 'ready');
  const began = performance.now();
  await engine.stop(id, 1);
  const took = performance.now() - began;
  expect(await engine.waitForExit(id)).toEqual({ exitCode: 137, outOfMemory: false });
  expect(took).toBeGreaterThan(900);
  expect(took).toBeLessThan(4_000);
});

test('Stopping and removing what is stopped or gone is no error', async () => {
  const { id } = await run('exit 0');
  await engine.waitForExit(id);
  await engine.stop(id, 1);
  await engine.remove(id);
  await engine.stop(id, 1);
  await engine.remove(id);
});

test('Two who remove one container at once both find it gone', async () => {
  const { id } = await run('sleep 60');
  await Promise.all([engine.remove(id), engine.remove(id), engine.remove(id)]);
  expect(await engine.list(labels)).toEqual([]);
});

test('A container that the kernel ended for want of memory says so', async () => {
  const { id } = await run(
    'echo ready; while [ ! -e /go ]; do sleep 0.05; done; perl -e \'my $x = "x" x 400_000_000; sleep 60\' & wait $!; exit 9',
  );
  await logged(engine, id, 'ready');
  await docker('update', '--memory', '32m', '--memory-swap', '32m', id);
  await docker('exec', id, 'touch', '/go');
  expect(await engine.waitForExit(id)).toMatchObject({ outOfMemory: true });
});
