import { afterAll, beforeAll, expect, test } from 'vitest';
import { WatchedDaemon, type WatchedEndpoint } from '../support/watched.js';

/* An endpoint of several instances, served as processes: a reload is of all of them. */

const HANDLER = `import os

from helper import WORD


def model_fn(model_dir):
    return None


def input_fn(body, content_type):
    return body


def predict_fn(data, model):
    return "%s %d" % (WORD, os.getpid())


def output_fn(prediction, accept):
    return prediction
`;

const INSTANCES = 3;

let watched: WatchedDaemon;
let endpoint: WatchedEndpoint;

beforeAll(async () => {
  watched = await WatchedDaemon.start({}, 'process');
  endpoint = await watched.endpoint(
    'several',
    { 'inference.py': HANDLER, 'helper.py': 'WORD = "one"\n' },
    {
      image: 'any',
      variants: [
        { name: 'AllTraffic', weight: 1, instanceType: 'local', instanceCount: INSTANCES },
      ],
      environment: { SAGEMAKER_MODEL_SERVER_WORKERS: '1' },
    },
  );
});
afterAll(() => watched.stop());

/** Asks until each instance has answered. @returns each one's last word, by its process */
async function everyInstance(): Promise<Map<string, string>> {
  const words = new Map<string, string>();
  for (let round = 0; round < 200 && words.size < INSTANCES; round += 1) {
    const [word = '', pid = ''] = (await endpoint.ask()).split(' ');
    words.set(pid, word);
  }
  expect(words.size).toBe(INSTANCES);
  return words;
}

test('A saved file is taken up in place by every instance, and told once', async () => {
  const before = await everyInstance();
  const report = await endpoint.reloaded(() => endpoint.replace('helper.py', 'one', 'two'));
  expect(report).toMatchObject({ tier: 'in-place', failure: undefined });
  const after = await everyInstance();
  expect([...after.values()]).toEqual(Array(INSTANCES).fill('two'));
  expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
  expect(endpoint.reports).toEqual([report]);
});

test('One that cannot be loaded leaves every instance as it was', async () => {
  const report = await endpoint.reloaded(() =>
    endpoint.save('helper.py', 'import nowhere\nWORD = "three"\n'),
  );
  expect(report.failure).toContain("No module named 'nowhere'");
  expect([...(await everyInstance()).values()]).toEqual(Array(INSTANCES).fill('two'));
});

test('What needs new instances gets all of them', async () => {
  const before = await everyInstance();
  const mended = await endpoint.reloaded(() => endpoint.save('helper.py', 'WORD = "three"\n'));
  expect(mended).toMatchObject({ tier: 'in-place', failure: undefined });
  const report = await endpoint.reloaded(() => endpoint.save('requirements.txt', '# none\n'));
  expect(report).toMatchObject({ tier: 'replace', failure: undefined });
  const after = await everyInstance();
  expect([...after.values()]).toEqual(Array(INSTANCES).fill('three'));
  for (const pid of before.keys()) expect([...after.keys()]).not.toContain(pid);
});
