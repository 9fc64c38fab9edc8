import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { docker } from '../containers/test-image.js';
import { PYTORCH, ROOT } from '../support/fixtures.js';
import type { Foreground } from '../support/foreground.js';
import { Project } from '../support/project.js';
import { succeed } from '../support/run.js';

/* What a person sees who runs `smlocal up` and saves files. */

let project: Project;
let up: Foreground;

beforeAll(async () => {
  await succeed(`${ROOT}scripts/prepare`, []);
  project = await Project.withHandler(`${ROOT}dist/cli.js`);
  up = project.up();
  await up.printed('classifier: InService');
});
afterAll(() => project.remove());

const ask = async () =>
  (await project.smlocal(['invoke', 'classifier', '--file', PYTORCH.good.file])).stdout;

test('A saved handler is told in a line, with its tier, its time and what came of it', async () => {
  const file = join(project.folder, 'src', 'inference.py');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replaceAll('"probabilities"', '"odds"'));
  await up.printed('classifier: reloaded in place in ');
  expect(up.output).toMatch(
    /classifier: reloaded in place in \d+ ms: inference\.py \(.*, model (kept|loaded anew)\)/,
  );
  expect(await ask()).toContain('"odds"');
});

test('A syntax error is told at once with its file and line, and in the status', async () => {
  const file = join(project.folder, 'src', 'network.py');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace('def preprocess(text):', 'def preprocess(text:'));
  await up.printed('SyntaxError');
  expect(up.output).toMatch(/classifier: not reloaded: network\.py[\s\S]*network\.py", line \d+/);
  const status = (await project.smlocal(['status'])).stdout;
  expect(status).toMatch(/not reloaded: network\.py[\s\S]*SyntaxError/);
  expect(await ask()).toContain('"odds"');
  await writeFile(file, text);
});

test('"smlocal reload" takes up what is on disk and says how', async () => {
  const { code, stdout } = await project.smlocal(['reload', 'classifier']);
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: expect.stringMatching(/reloaded in place in \d+ ms: everything/),
  });
});

test('A config.yml that is wrong changes nothing, and one that is right is applied', async () => {
  const file = join(project.folder, 'config.yml');
  const text = await readFile(file, 'utf8');
  await writeFile(file, `${text}    environmen: { LEVEL: high }\n`);
  await up.printed('config.yml is left alone until it is right');
  const before = await project.containers();
  await writeFile(file, `${text}    environment: { LEVEL: high }\n`);
  await up.printed('classifier: Updating');
  await up.printed('has taken its place');
  const [id = ''] = (await project.containers()).filter((each) => !before.includes(each));
  expect(await docker('inspect', '--format', '{{.Config.Env}}', id)).toContain('LEVEL=high');
  expect(await ask()).toContain('"odds"');
});
