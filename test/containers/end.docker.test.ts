import { globalAgent } from 'node:http';
import { expect, test, vi } from 'vitest';
import { publishedAddress } from '../../src/containers/observe.js';
import { logged } from './contract.js';
import { noConnectionsHeld, useDocker } from './docker-fixture.js';
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

test('A container that is killed from outside is noticed', async () => {
  const { id } = await run('trap "exit 3" TERM; echo ready; while :; do sleep 0.05; done');
  await logged(engine, id, 'ready');
  const exit = engine.waitForExit(id);
  await docker('kill', '--signal', 'TERM', id);
  expect(await exit).toEqual({ exitCode: 3, outOfMemory: false });
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

test('Waiting for an end that is called off closes its connection', async () => {
  const { id } = await run('sleep 60');
  const controller = new AbortController();
  const waiting = engine.waitForExit(id, controller.signal);
  await vi.waitFor(() => expect(Object.values(globalAgent.sockets)).toHaveLength(1));
  controller.abort(new Error('called off'));
  await expect(waiting).rejects.toThrow('called off');
  await noConnectionsHeld();
});
