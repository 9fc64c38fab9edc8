import { expect, test } from 'vitest';
import type { LogLine } from '../../src/containers/engine.js';
import { MAX_LINE_BYTES } from '../../src/containers/log-lines.js';
import { collect, noConnectionsHeld, useDocker } from './docker-fixture.js';
import { docker } from './test-image.js';

const { engine, labels, run } = useDocker();

async function outputOf(script: string): Promise<LogLine[]> {
  const { id } = await run(script);
  await engine.waitForExit(id);
  return collect(engine.logs(id));
}

const textsOf = (lines: LogLine[], stream: LogLine['stream']) =>
  lines.filter((line) => line.stream === stream).map(({ text }) => text);

test('Each stream keeps its order, and each line its time', async () => {
  const began = Date.now();
  const lines = await outputOf('for i in 1 2 3 4 5; do echo out $i; echo err $i >&2; done');
  expect(textsOf(lines, 'stdout')).toEqual([1, 2, 3, 4, 5].map((i) => `out ${i}`));
  expect(textsOf(lines, 'stderr')).toEqual([1, 2, 3, 4, 5].map((i) => `err ${i}`));
  for (const { timestamp } of lines) {
    expect(Math.abs(timestamp - began)).toBeLessThan(20_000);
  }
});

test('Lines with line feeds, carriage returns, no text and no end come as they are meant', async () => {
  const lines = await outputOf(String.raw`printf 'unix\ndos\r\n\n10%%\r100%%\nlast'`);
  expect(textsOf(lines, 'stdout')).toEqual(['unix', 'dos', '', '100%', 'last']);
});

test('A character that the process writes in two pieces arrives whole', async () => {
  const script = String.raw`printf 'a\342\230'; sleep 0.1; printf '\203b\n'`;
  expect(textsOf(await outputOf(script), 'stdout')).toEqual(['a☃b']);
});

test('A line of 200,000 characters arrives in bounded pieces and complete', async () => {
  const lines = textsOf(await outputOf(`perl -e 'print "x" x 200_000, "\\nnext\\n"'`), 'stdout');
  expect(lines.pop()).toBe('next');
  expect(lines.join('')).toBe('x'.repeat(200_000));
  expect(Math.max(...lines.map(({ length }) => length))).toBe(MAX_LINE_BYTES);
});

test('A tail gives the last lines', async () => {
  const { id } = await run('for i in 1 2 3 4 5; do echo $i; done');
  await engine.waitForExit(id);
  const lines = await collect(engine.logs(id, { tail: 2 }));
  expect(lines.map(({ text }) => text)).toEqual(['4', '5']);
  expect(await collect(engine.logs(id, { tail: 0 }))).toEqual([]);
});

test('Without follow the lines so far come and no more', async () => {
  const { id } = await run('echo one; sleep 60');
  for await (const _ of engine.logs(id, { follow: true })) break;
  expect((await collect(engine.logs(id))).map(({ text }) => text)).toEqual(['one']);
});

test('Following gives lines as they are written and ends with the container', async () => {
  const { id } = await run('echo one; while [ ! -e /go ]; do sleep 0.02; done; echo two');
  const texts: string[] = [];
  for await (const { text } of engine.logs(id, { follow: true })) {
    texts.push(text);
    if (text === 'one') await docker('exec', id, 'touch', '/go');
  }
  expect(texts).toEqual(['one', 'two']);
});

test('Following ends quietly when its signal aborts, and closes its connection', async () => {
  const { id } = await run('echo one; sleep 60');
  const controller = new AbortController();
  const texts: string[] = [];
  for await (const { text } of engine.logs(id, { follow: true, signal: controller.signal })) {
    texts.push(text);
    controller.abort();
  }
  expect(texts).toEqual(['one']);
  await noConnectionsHeld();
  expect(await collect(engine.logs(id, { signal: controller.signal }))).toEqual([]);
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

test('The output of a container that is gone is an error that says so', async () => {
  const { id } = await run('exit 0');
  await engine.remove(id);
  await expect(collect(engine.logs(id))).rejects.toThrow(`No such container: ${id}`);
});
