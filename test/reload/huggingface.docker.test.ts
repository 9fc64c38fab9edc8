import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { multiModelServerImage } from '../python/mms-image.js';
import { builtImage } from '../support/built-image.js';
import { WatchedDaemon, type WatchedEndpoint } from '../support/watched.js';

/* HuggingFace's toolkit does without the transformer that ours reloads in place; its workers are multi-model-server's. */

const PACKAGES = 'sagemaker-huggingface-inference-toolkit==2.6.0 transformers==4.38.2';

const WORKERS = 2;

const SERVE = 'from sagemaker_huggingface_inference_toolkit import serving\n\nserving.main()\n';

const HANDLER = `import os

from words import WORD


def model_fn(model_dir):
    return WORD


def input_fn(data, content_type):
    return data


def predict_fn(data, model):
    return "%s %d" % (model, os.getpid())


def output_fn(prediction, accept):
    return prediction
`;

let watched: WatchedDaemon;
let endpoint: WatchedEndpoint;

beforeAll(async () => {
  const base = await multiModelServerImage();
  const dockerfile = `FROM ${base}\nRUN pip3 install ${PACKAGES}\nCOPY serve.py /usr/local/bin/serve.py\n`;
  const image = await builtImage('smlocal-test/huggingface', dockerfile, { 'serve.py': SERVE });
  watched = await WatchedDaemon.start();
  endpoint = await watched.endpoint(
    'huggingface',
    { 'inference.py': HANDLER, 'words.py': 'WORD = "one"\n' },
    {
      image,
      entryPoint: 'inference.py',
      environment: { SAGEMAKER_MODEL_SERVER_WORKERS: String(WORKERS) },
    },
  );
});
afterAll(() => watched.stop());

/** Asks until every worker has answered. @returns their words */
async function everyWord(): Promise<Set<string>> {
  const words = new Map<string, string>();
  await vi.waitFor(async () => {
    for (const answer of await Promise.all(Array.from({ length: 8 }, () => endpoint.ask()))) {
      const [word = '', pid = ''] = answer.split(' ');
      words.set(pid, word);
    }
    expect(words.size).toBe(WORKERS);
  }, 30_000);
  return new Set(words.values());
}

test("A saved file is taken by new workers of HuggingFace's toolkit, which answer by it", async () => {
  expect(await everyWord()).toEqual(new Set(['one']));
  const report = await endpoint.reloaded(() => endpoint.replace('words.py', 'one', 'two'));
  expect(report).toMatchObject({ tier: 'workers', failure: undefined });
  expect(report.cause).toBe('no worker runs the SageMaker toolkit');
  expect(await everyWord()).toEqual(new Set(['two']));
});

test('One that cannot be imported leaves the old workers serving, until it is mended', async () => {
  const broken = await endpoint.reloaded(() => endpoint.save('words.py', 'import nowhere\n'));
  expect(broken.failure).toContain("No module named 'nowhere'");
  expect(await everyWord()).toEqual(new Set(['two']));
  const mended = await endpoint.reloaded(() => endpoint.save('words.py', 'WORD = "three"\n'));
  expect(mended.failure).toBeUndefined();
  expect(await everyWord()).toEqual(new Set(['three']));
});
