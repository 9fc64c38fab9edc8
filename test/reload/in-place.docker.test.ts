import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { multiModelServerImage } from '../python/mms-image.js';
import { PYTORCH } from '../support/fixtures.js';
import { WatchedDaemon, type WatchedEndpoint } from '../support/watched.js';

const WORKERS = 3;

const HANDLER = {
  'inference.py': `import json
import os
import time

from helper import decorate

HANDLER = "handler 0"


def model_fn(model_dir):
    return {"loaded": time.time()}


def input_fn(body, content_type):
    return json.loads(body)


def predict_fn(data, model):
    before = HANDLER
    time.sleep(data.get("seconds", 0.05))
    return {"handler": before, "word": decorate(), "pid": os.getpid(), "model": model["loaded"]}


def output_fn(prediction, accept):
    return json.dumps(dict(prediction, output=HANDLER))
`,
  'helper.py': 'from deep.words import WORD\n\n\ndef decorate():\n    return WORD\n',
  'deep/__init__.py': '',
  'deep/words.py': "WORD = 'word 0'\n",
};

interface Answer {
  readonly handler: string;
  readonly output: string;
  readonly word: string;
  readonly pid: number;
  readonly model: number;
}

let watched: WatchedDaemon;
beforeAll(async () => {
  watched = await WatchedDaemon.start({ ignore: ['notes/'] });
});
afterAll(() => watched.stop());

describe.each([
  ['TorchServe', async () => PYTORCH.image],
  ['multi-model-server', multiModelServerImage],
])('In %s', (server, imageOf) => {
  let endpoint: WatchedEndpoint;

  beforeAll(async () => {
    endpoint = await watched.endpoint(
      server.toLowerCase(),
      { ...HANDLER, '.gitignore': 'scratch.py\n' },
      {
        image: await imageOf(),
        modelDataUrl: pathToFileURL(PYTORCH.archive).href,
        entryPoint: 'inference.py',
        environment: { SAGEMAKER_MODEL_SERVER_WORKERS: String(WORKERS) },
      },
    );
    // Each worker has loaded the handler once it has answered.
    await everyWorker();
  });

  /** Undone as a user would, so that a test that fails leaves the next one what it needs. */
  beforeEach(async () => {
    await endpoint.save('inference.py', HANDLER['inference.py']);
    await endpoint.save('helper.py', HANDLER['helper.py']);
    await endpoint.save('deep/words.py', HANDLER['deep/words.py']);
    await endpoint.daemon.reloading.reload(endpoint.name);
  });

  const ask = async (body = {}): Promise<Answer> => JSON.parse(await endpoint.ask(body));

  /** Asks until every worker has answered; their last answers. */
  async function everyWorker(): Promise<Answer[]> {
    const answers = new Map<number, Answer>();
    for (let round = 0; round < 50 && answers.size < WORKERS; round += 1) {
      for (const answer of await Promise.all(Array.from({ length: WORKERS * 2 }, () => ask())))
        answers.set(answer.pid, answer);
    }
    expect(answers.size).toBe(WORKERS);
    return [...answers.values()];
  }

  const models = (answers: readonly Answer[]) => answers.map(({ model }) => model).sort();

  test('every worker takes up a helper module two imports away, its model kept', async () => {
    const before = await everyWorker();
    const report = await endpoint.reloaded(() => endpoint.save('deep/words.py', "WORD = 'new'\n"));
    expect(report).toMatchObject({
      tier: 'in-place',
      failure: undefined,
      detail: expect.stringContaining('model kept'),
    });
    const after = await everyWorker();
    expect(after.map(({ word }) => word)).toEqual(['new', 'new', 'new']);
    expect(models(after)).toEqual(models(before));
    expect(endpoint.shown).toMatch(/^reloaded in place in \d+ ms: words\.py|deep\/words\.py/);
  });

  test('a new module is imported, and its removal is told with a traceback while it is needed', async () => {
    await endpoint.save('extra.py', "EXTRA = 'from a new file'\n");
    const added = await endpoint.reloaded(() =>
      endpoint.save(
        'helper.py',
        'from extra import EXTRA\n\n\ndef decorate():\n    return EXTRA\n',
      ),
    );
    expect(added.failure).toBeUndefined();
    expect((await everyWorker()).map(({ word }) => word)).toEqual(
      Array(WORKERS).fill('from a new file'),
    );

    const removed = await endpoint.reloaded(() => rm(endpoint.path('extra.py')));
    expect(removed.failure).toMatch(/helper\.py", line 1[\s\S]*No module named 'extra'/);
    expect((await ask()).word).toBe('from a new file');

    const mended = await endpoint.reloaded(() => endpoint.save('helper.py', HANDLER['helper.py']));
    expect(mended.failure).toBeUndefined();
    expect((await everyWorker()).map(({ word }) => word)).toEqual(Array(WORKERS).fill('word 0'));
  });

  test('a syntax error leaves the old code serving and is shown with its file and line, until it is mended', async () => {
    const broken = await endpoint.reloaded(() =>
      endpoint.replace('inference.py', 'def input_fn(body,', 'def input_fn(body,,'),
    );
    expect(broken.failure).toMatch(/inference\.py", line 14[\s\S]*SyntaxError/);
    expect(endpoint.shown).toMatch(/not reloaded: inference\.py[\s\S]*line 14/);
    expect((await ask()).handler).toBe('handler 0');

    const mended = await endpoint.reloaded(() =>
      endpoint.save('inference.py', HANDLER['inference.py'].replace('"handler 0"', '"handler 1"')),
    );
    expect(mended).toMatchObject({ tier: 'in-place', failure: undefined });
    expect((await everyWorker()).map(({ handler }) => handler)).toEqual(
      Array(WORKERS).fill('handler 1'),
    );
    expect(endpoint.shown).toMatch(/^reloaded in place/);
  });

  test('a model_fn that raises leaves the old model and the old code serving', async () => {
    const before = await everyWorker();
    const broken = await endpoint.reloaded(() =>
      endpoint.save(
        'inference.py',
        HANDLER['inference.py']
          .replace(
            '    return {"loaded": time.time()}',
            '    raise RuntimeError("no such weights")',
          )
          .replace('"handler 0"', '"handler 1"'),
      ),
    );
    expect(broken.failure).toMatch(/in model_fn[\s\S]*RuntimeError: no such weights/);
    const after = await everyWorker();
    expect(models(after)).toEqual(models(before));
    expect(after.map(({ handler }) => handler)).toEqual(Array(WORKERS).fill('handler 0'));
  });

  test('a changed model_fn loads the model anew in every worker', async () => {
    const before = await everyWorker();
    const report = await endpoint.reloaded(() =>
      endpoint.replace('inference.py', 'time.time()}', 'time.time() + 1}'),
    );
    expect(report.detail).toContain('model loaded anew');
    const after = await everyWorker();
    for (const model of models(after)) expect(models(before)).not.toContain(model);
  });

  test('a request that is under way ends on the code that it began with', async () => {
    const slow = ask({ seconds: 3 });
    // Another worker has answered after it, so it is under way.
    await ask();
    await endpoint.reloaded(() => endpoint.replace('inference.py', '"handler 0"', '"handler 1"'));
    expect((await ask()).handler).toBe('handler 1');
    expect(await slow).toMatchObject({ handler: 'handler 0', output: 'handler 0' });
  });

  test('300 files that change at once are a few reloads at most', async () => {
    const names = Array.from({ length: 300 }, (_, index) => `part${index}`);
    const write = (value: number) =>
      Promise.all(names.map((name) => endpoint.save(`many/${name}.py`, `VALUE = ${value}\n`)));
    await write(0);
    await endpoint.save('many/__init__.py', `from . import ${names.join(', ')}\n`);
    const sum = `sum(value.VALUE for name, value in vars(many).items() if name.startswith("part"))`;
    await endpoint.save('helper.py', `import many\n\n\ndef decorate():\n    return ${sum}\n`);
    await endpoint.daemon.reloading.reload(endpoint.name);
    expect((await ask()).word).toBe(0);

    const before = endpoint.reports.length;
    await endpoint.reloaded(() => write(1));
    while (((await ask()).word as unknown as number) !== 300)
      await endpoint.reloaded(async () => {});
    expect(endpoint.reports.length - before).toBeLessThanOrEqual(5);
    expect((await everyWorker()).map(({ word }) => word)).toEqual(Array(WORKERS).fill(300));
  });

  test('what editors, Python and patterns leave beside the code sets nothing off', async () => {
    const before = endpoint.reports.length;
    for (const folder of ['__pycache__', 'notes']) {
      await mkdir(endpoint.path(folder), { recursive: true });
    }
    const idle = ['.inference.py.swp', 'helper.py~', '4913', 'x.tmp', 'scratch.py'];
    for (const name of [...idle, '__pycache__/helper.cpython-311.pyc', 'notes/a.py'])
      await writeFile(endpoint.path(name), 'x');
    const report = await endpoint.reloaded(() =>
      endpoint.replace('inference.py', '"handler 0"', '"handler 1"'),
    );
    expect(report.changes).toEqual([{ root: 'code', path: 'inference.py' }]);
    expect(endpoint.reports.length).toBe(before + 1);
  });

  test('a file saved as Vim does, the old one moved aside first, is one reload', async () => {
    const file = endpoint.path('inference.py');
    const report = await endpoint.reloaded(async () => {
      await writeFile(endpoint.path('4913'), '');
      await rm(endpoint.path('4913'));
      await rename(file, `${file}~`);
      await writeFile(file, HANDLER['inference.py'].replace('"handler 0"', '"by Vim"'));
      await rm(`${file}~`);
    });
    expect(report).toMatchObject({ tier: 'in-place', failure: undefined });
    expect((await ask()).handler).toBe('by Vim');
  });
});
