import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { globalAgent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createDockerEngine } from '../../src/containers/docker.js';
import { explainExit } from '../../src/containers/start-errors.js';
import { ExitCode } from '../../src/errors.js';
import { createLogger } from '../../src/log.js';
import { collect, logged, noConnectionsHeld, useDocker } from './docker-fixture.js';
import { BASE_IMAGE, docker, importImage, PERL_SERVER, removeImages } from './test-image.js';

const { engine, labels, spec, run } = useDocker();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'smlocal-mount-'));
  await writeFile(join(folder, 'weights'), 'heavy');
});

afterAll(async () => rm(folder, { recursive: true }));

test('The engine tells its name and version in one line', async () => {
  expect(await engine.describe()).toMatch(
    /^\S.* \d+\.\d+.* \(API \d\.\d+, linux\/\w+\) at \w+:\/\/\S+$/,
  );
});

test('Where no engine listens the error has its own exit code and says what to type', async () => {
  const none = createDockerEngine({ log: createLogger(), dockerHost: 'unix:///nonexistent.sock' });
  const error = await none.describe().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'SmlocalError', exitCode: ExitCode.noEngine });
  expect(error).toHaveProperty('hint', expect.stringMatching(/\S/));
});

test('A started container answers at its address on 127.0.0.1', async () => {
  const container = await run(PERL_SERVER);
  await logged(engine, container.id, 'listening');
  expect(container.running).toBe(true);
  expect(container.address.host).toBe('127.0.0.1');
  const answer = await fetch(`http://127.0.0.1:${container.address.port}/invocations`);
  expect(await answer.text()).toBe('/invocations');
});

test('Arguments, environment and labels reach the container', async () => {
  const { id } = await run('echo "$0 $GREETING"', {
    command: ['sh', '-c', 'echo "$0 $GREETING"', 'serve'],
    environment: { GREETING: 'a = "b" ☃' },
  });
  await engine.waitForExit(id);
  expect((await collect(engine.logs(id))).map(({ text }) => text)).toEqual(['serve a = "b" ☃']);
});

test('Containers are listed by all of the labels given, stopped ones included', async () => {
  const extra = { ...labels, 'smlocal.variant': 'a' };
  const running = await run('sleep 60', { labels: extra });
  const stopped = await run('exit 0', { labels: extra });
  await run('sleep 60', { labels: { ...labels, 'smlocal.variant': 'b' } });
  await engine.waitForExit(stopped.id);
  const found = await engine.list(extra);
  expect(found.find(({ id }) => id === running.id)).toEqual(running);
  expect(found.find(({ id }) => id === stopped.id)).toEqual({
    id: stopped.id,
    name: stopped.name,
    labels: extra,
    running: false,
  });
  expect(found).toHaveLength(2);
});

test('A mount can be read and not written', async () => {
  const mounts = [{ source: folder, target: '/opt/ml/model' }];
  const script = 'cat /opt/ml/model/weights; echo; echo x > /opt/ml/model/weights || echo refused';
  const { id } = await run(`${script} 2>/dev/null`, { mounts });
  await engine.waitForExit(id);
  const lines = (await collect(engine.logs(id))).filter(({ stream }) => stream === 'stdout');
  expect(lines.map(({ text }) => text)).toEqual(['heavy', 'refused']);
});

test('A mount whose source is missing is refused, and nothing is left behind', async () => {
  const source = join(folder, 'missing');
  const starting = run('true', { mounts: [{ source, target: '/opt/ml/model' }] });
  await expect(starting).rejects.toThrow(`bind source path does not exist: ${source}`);
  expect(await engine.list(labels)).toEqual([]);
});

test('An image without the program is refused in words, and nothing is left behind', async () => {
  const error = await run('', { command: ['serve'] }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    name: 'SmlocalError',
    message: `The image ${BASE_IMAGE} cannot start: "serve" was not found in it.`,
  });
  expect(await engine.list(labels)).toEqual([]);
});

test('A program for another processor is explained by the exit and the last line', async () => {
  const image = 'smlocal-test/foreign:1';
  // `random` is no program for any processor, which the kernel says in the same words.
  await importImage(image, { changes: ['ENTRYPOINT ["/random"]'], mode: 0o755 });
  try {
    const { id } = await run('', { image, command: ['serve'] });
    const status = await engine.waitForExit(id);
    const last = (await collect(engine.logs(id))).at(-1)?.text;
    expect(explainExit(status, last)).toMatch(/another processor.*--platform linux\/amd64/);
  } finally {
    await Promise.all((await engine.list(labels)).map(({ id }) => engine.remove(id)));
    await removeImages(image);
  }
});

test('A container that a crash left behind gives its name to the new one', async () => {
  const wanted = spec('sleep 60');
  const old = await engine.start(wanted);
  const fresh = await engine.start(wanted);
  expect((await engine.list(labels)).map(({ id }) => id)).toEqual([fresh.id]);
  expect(fresh.id).not.toBe(old.id);
});

test('A container of the same name that is not ours is left alone', async () => {
  const theirs = await run('sleep 60');
  const starting = run('true', {
    name: theirs.name,
    labels: { ...labels, 'smlocal.variant': 'x' },
  });
  await expect(starting).rejects.toThrow(`The name ${theirs.name} is taken`);
  expect((await engine.list(labels)).map(({ id }) => id)).toEqual([theirs.id]);
});

test('A start that is called off leaves nothing behind', async () => {
  const controller = new AbortController();
  const starting = engine.start(spec('sleep 60'), controller.signal);
  controller.abort(new Error('called off'));
  await expect(starting).rejects.toThrow('called off');
  expect(await engine.list(labels)).toEqual([]);
});

test('A container that ends before its port is known has port 0 and a known end', async () => {
  const container = await run('exit 5');
  const status = await engine.waitForExit(container.id);
  expect(status).toEqual({ exitCode: 5, outOfMemory: false });
  const { address } = (await engine.list(labels))[0] ?? {};
  expect(address).toBeUndefined();
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
