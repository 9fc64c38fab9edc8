import { expect, test } from 'vitest';
import { createDockerEngine } from '../../src/containers/docker.js';
import { explainExit } from '../../src/containers/start-errors.js';
import { ExitCode } from '../../src/errors.js';
import { createLogger } from '../../src/log.js';
import { collect } from './contract.js';
import { useDocker } from './docker-fixture.js';
import { BASE_IMAGE, importImage, removeImages } from './test-image.js';

const { engine, labels, spec, run } = useDocker();
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

test('Arguments, environment and labels reach the container', async () => {
  const { id } = await run('echo "$0 $GREETING"', {
    command: ['sh', '-c', 'echo "$0 $GREETING"', 'serve'],
    environment: { GREETING: 'a = "b" ☃' },
  });
  await engine.waitForExit(id);
  expect((await collect(engine.logs(id))).map(({ text }) => text)).toEqual(['serve a = "b" ☃']);
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
