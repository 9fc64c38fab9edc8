import { cp, readFile, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FLASK, ROOT } from '../support/fixtures.js';
import { WatchedDaemon, type WatchedEndpoint } from '../support/watched.js';

/* gunicorn: its master lives on, and makes new workers that import what was saved. */

const ANSWER = 'return Response(json.dumps(predictions, indent=4), mimetype="application/json")';

const APPLICATION = {
  image: FLASK.image,
  modelDataUrl: pathToFileURL(FLASK.archive).href,
  environment: { GUNICORN_CMD_ARGS: '--chdir=/opt/ml/model/code' },
};

let watched: WatchedDaemon;
let endpoint: WatchedEndpoint;

beforeAll(async () => {
  watched = await WatchedDaemon.start();
  const app = await readFile(`${ROOT}fixtures/images/flask-app/app.py`, 'utf8');
  await cp(`${ROOT}fixtures/images/flask-app`, `${watched.folder}/application`, {
    recursive: true,
  });
  await writeFile(`${watched.folder}/application/app.py`, app.replace(ANSWER, 'return "answer 0"'));
  endpoint = await watched.endpoint('application', {}, APPLICATION);
});
afterAll(() => watched.stop());

const ask = () => endpoint.ask({ strings: ['Leon'] });

test("gunicorn's workers are made anew in the same container, and all answer by the saved code", async () => {
  const containers = endpoint.containers;
  expect(await ask()).toBe('answer 0');
  const report = await endpoint.reloaded(() => endpoint.replace('app.py', 'answer 0', 'answer 1'));
  expect(report).toMatchObject({ tier: 'workers', failure: undefined });
  expect(report.detail).toBe('2 workers of gunicorn');
  const answers = await Promise.all(Array.from({ length: 20 }, ask));
  expect(new Set(answers)).toEqual(new Set(['answer 1']));
  expect(endpoint.containers).toEqual(containers);
});

test('An application that cannot be imported is told with its traceback while the old one serves, then mended', async () => {
  const before = await ask();
  const broken = await endpoint.reloaded(() =>
    endpoint.replace('src/tagger.py', 'import math', 'import maths'),
  );
  expect(broken.failure).toMatch(/tagger\.py", line 6[\s\S]*No module named 'maths'/);
  expect(endpoint.shown).toContain("No module named 'maths'");
  expect(await ask()).toBe(before);

  await endpoint.replace('app.py', before, 'answer 2');
  const mended = await endpoint.reloaded(() =>
    endpoint.replace('src/tagger.py', 'import maths', 'import math'),
  );
  expect(mended.failure).toBeUndefined();
  expect(await ask()).toBe('answer 2');
});

test('No request is lost while the workers are made anew', async () => {
  const ending = new AbortController();
  const clients = Array.from({ length: 8 }, async () => {
    const answers = new Set<string>();
    while (!ending.signal.aborted) answers.add(await ask());
    return [...answers];
  });
  for (const version of [3, 4, 5]) {
    const report = await endpoint.reloaded(() =>
      endpoint.replace('app.py', `answer ${version - 1}`, `answer ${version}`),
    );
    expect(report).toMatchObject({ tier: 'workers', failure: undefined });
  }
  ending.abort();
  const heard = new Set((await Promise.all(clients)).flat());
  expect([...heard].sort()).toEqual(['answer 2', 'answer 3', 'answer 4', 'answer 5']);
});

test('What gunicorn never imported is taken by a new container', async () => {
  const report = await endpoint.reloaded(() => endpoint.save('requirements.txt', '# nothing\n'));
  expect(report).toMatchObject({ tier: 'replace', failure: undefined });
  expect(report.cause).toBe('requirements.txt is read when a container starts');
  expect(await ask()).toBe('answer 5');
});

test('Of an endpoint with two containers both make new workers, and no call is answered by old code after that', async () => {
  await cp(endpoint.folder, `${watched.folder}/twice`, { recursive: true });
  const variants = [{ name: 'AllTraffic', weight: 1, instanceType: 'local', instanceCount: 2 }];
  const twice = await watched.endpoint('twice', {}, { ...APPLICATION, variants });
  const containers = twice.containers;
  expect(containers).toHaveLength(2);
  const before = await readFile(twice.path('app.py'), 'utf8');
  const report = await twice.reloaded(() =>
    twice.save('app.py', before.replace(/answer \d+/, 'both')),
  );
  expect(report).toMatchObject({ tier: 'workers', failure: undefined });
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => twice.ask({ strings: ['Leon'] })),
  );
  expect(new Set(answers)).toEqual(new Set(['both']));
  expect(twice.containers).toEqual(containers);
  expect(twice.reports).toEqual([report]);
});
