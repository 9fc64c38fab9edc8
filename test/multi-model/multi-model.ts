import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { InvokeEndpointCommand } from '@aws-sdk/client-sagemaker-runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createConfig, createEndpoint, deleteEndpoint } from '../support/endpoints.js';
import { type TestDaemon, useDaemon } from '../support/test-daemon.js';
import { Archives, modelFiles } from './archives.js';

/** What multi-model endpoints have to do, whichever engine serves them. Call it in a test file of the engine's. */
export function testMultiModel(
  engine: 'docker' | 'process',
  imageName: () => Promise<string>,
): TestDaemon {
  const daemon = useDaemon(engine);
  let archives: Archives;

  beforeAll(async () => {
    archives = await Archives.make();
    await archives.add('first.tar.gz', modelFiles('first'));
    await archives.add('second.tar.gz', modelFiles('second'));
    await archives.add('deeper/down/third.tar.gz', modelFiles('third'));
    const container = {
      Image: await imageName(),
      Mode: 'MultiModel',
      ModelDataUrl: archives.url,
    } as const;
    await createConfig(daemon, 'many', container);
    await createConfig(daemon, 'uncached', {
      ...container,
      MultiModelConfig: { ModelCacheSetting: 'Disabled' },
    });
    const made = await Promise.all(
      ['many', 'uncached'].map((name) => createEndpoint(daemon, name, name)),
    );
    expect(made.map((one) => one?.FailureReason)).toEqual([undefined, undefined]);
  });
  afterAll(() => archives.remove());

  async function ask(TargetModel: string | undefined, body: object = {}, EndpointName = 'many') {
    const { Body } = await daemon.runtime.send(
      new InvokeEndpointCommand({
        ...{ EndpointName, TargetModel, Body: JSON.stringify(body) },
        ContentType: 'application/json',
      }),
    );
    return JSON.parse(Body?.transformToString() ?? '');
  }

  test('Calls for several models at once: each is loaded once, and answers with its own handler', async () => {
    const targets = ['first', 'second', 'deeper/down/third'];
    const answers = await Promise.all(
      [...targets, ...targets].map((target) => ask(`${target}.tar.gz`)),
    );
    expect(answers.map(({ word, weights }) => ({ word, weights }))).toEqual(
      ['first', 'second', 'third', 'first', 'second', 'third'].map((word) => ({
        ...{ word, weights: `of ${word}` },
      })),
    );
    expect(new Set(answers.map(({ pid }) => pid)).size).toBe(3);
    expect(answers[0].dir).toMatch(/\/opt\/ml\/models\/[0-9a-f]{32}\/model$/);
  });

  test('An archive that comes later is served as well', async () => {
    await archives.add('later.tar.gz', modelFiles('later'));
    expect(await ask('later.tar.gz')).toMatchObject({ word: 'later' });
  });

  test('A loaded model answers on when its archive has changed, as on AWS', async () => {
    await archives.add('stays.tar.gz', modelFiles('before'));
    expect(await ask('stays.tar.gz')).toMatchObject({ word: 'before' });
    await archives.add('stays.tar.gz', modelFiles('after'));
    expect(await ask('stays.tar.gz')).toMatchObject({ word: 'before' });
  });

  test('A body of megabytes reaches its model', async () => {
    const text = 'x'.repeat(5_000_000);
    expect(await ask('first.tar.gz', { text })).toMatchObject({ length: text.length });
  });

  test('What a handler raises is a ModelError with its traceback', async () => {
    await expect(ask('first.tar.gz', { raise: 'why' })).rejects.toMatchObject({
      ...{ name: 'ModelError', OriginalStatusCode: 500 },
      message: expect.stringMatching(/"'why'[\s\S]*inference\.py/),
    });
  });

  test('A model whose handler is broken says so, and the others answer on', async () => {
    await archives.add('broken.tar.gz', { ...modelFiles('broken'), 'words.py': 'import nowhere' });
    await expect(ask('broken.tar.gz')).rejects.toThrow(/No module named 'nowhere'/);
    expect(await ask('first.tar.gz')).toMatchObject({ word: 'first' });
  });

  test.each([
    ['nothing.tar.gz', /Failed to download model data\(url: file:.*nothing\.tar\.gz\)/],
    ['../escape.tar.gz', /Failed to download model data.* It names no archive/],
    ['deeper', /Failed to download model data/],
    [undefined, /^Request [0-9a-f-]{36} is missing a target model header\.$/],
  ])('A target that is not there (%s) is a ValidationError', async (target, message) => {
    await expect(ask(target)).rejects.toMatchObject({
      ...{ name: 'ValidationError', message: expect.stringMatching(message) },
      $metadata: { httpStatusCode: 400 },
    });
  });

  test('Where models are not to be kept, each call has its model loaded anew', async () => {
    const first = await ask('first.tar.gz', {}, 'uncached');
    const second = await ask('first.tar.gz', {}, 'uncached');
    expect(second).toMatchObject({ word: 'first' });
    expect(second.pid).not.toBe(first.pid);
  });

  test('What a container sees of models goes with it', async () => {
    const shelves = join(daemon.stateDir, 'cache', 'shelves');
    const [shelf = ''] = (await readdir(shelves)).filter((name) =>
      name.startsWith('smlocal-many-'),
    );
    expect((await readdir(join(shelves, shelf))).length).toBeGreaterThanOrEqual(4);
    await deleteEndpoint(daemon, 'many');
    expect(await readdir(shelves)).not.toContain(shelf);
  });

  return daemon;
}
