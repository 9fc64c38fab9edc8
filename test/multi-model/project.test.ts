import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ROOT } from '../support/fixtures.js';
import { type Ran, run } from '../support/run.js';
import { Archives, modelFiles, packedFiles } from './archives.js';

/* A project with a folder of models, and what is typed in it. No container engine is asked for anything here. */

let folder: string;
let archives: Archives;
const smlocal = (...args: string[]): Promise<Ran> =>
  run(process.execPath, [`${ROOT}dist/cli.js`, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder },
  });

async function answerOf(target: string): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await smlocal('invoke', 'many', '{}', '--target-model', target);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'smlocal-many-'));
  archives = await Archives.make();
  await archives.add('a.tar.gz', modelFiles('first'));
  await archives.add('b.tar.gz', packedFiles('packed'));
  const block = {
    ...{ model_name: 'many', image: 'any', mode: 'MultiModel', model_data_path: archives.url },
    tests: {
      'the first': { body: {}, target_model: 'a.tar.gz', expect: { contains: '"first"' } },
      'the second': { body: {}, target_model: 'b.tar.gz', expect: { contains: '"first"' } },
    },
  };
  const config = { engine: 'process', environments: { local: block } };
  await writeFile(join(folder, 'config.yml'), JSON.stringify(config));
  const { code, stdout, stderr } = await smlocal('up', '--detach', '--port', '0');
  expect({ code, stdout, stderr }).toMatchObject({ code: 0 });
}, 120_000);
afterAll(async () => {
  await smlocal('down', '--force');
  await archives.remove();
  await rm(folder, { recursive: true });
});

test('smlocal invoke asks the model that --target-model names, whose handler may lie in code/', async () => {
  expect(await answerOf('a.tar.gz')).toMatchObject({ word: 'first' });
  expect(await answerOf('b.tar.gz')).toMatchObject({ word: 'packed', weights: 'of packed' });
});

test('smlocal test asks the model that target_model names', async () => {
  const { code, stdout } = await smlocal('test');
  expect(code).toBe(1);
  expect(stdout).toMatch(/the first[^\n]*\n[\s\S]*the second[\s\S]*packed/);
});

test('While files are watched, a changed archive answers the next call, and a broken one leaves the old one', async () => {
  await answerOf('a.tar.gz');
  await archives.add('a.tar.gz', modelFiles('changed'));
  expect(await answerOf('a.tar.gz')).toMatchObject({ word: 'changed' });
  await writeFile(archives.path('a.tar.gz'), 'broken');
  expect(await answerOf('a.tar.gz')).toMatchObject({ word: 'changed' });
  await archives.add('a.tar.gz', modelFiles('mended'));
  expect(await answerOf('a.tar.gz')).toMatchObject({ word: 'mended' });
});

test('A server that was killed comes back without models, which are loaded again when they are asked for', async () => {
  const { pid } = await answerOf('a.tar.gz');
  const { stdout } = await run('ps', ['-o', 'ppid=', '-p', String(pid)]);
  process.kill(Number(stdout), 'SIGKILL');
  await vi.waitFor(async () => {
    const answer = await answerOf('a.tar.gz');
    expect(answer).toMatchObject({ word: 'mended' });
    expect(answer.pid).not.toBe(pid);
  }, 60_000);
});
