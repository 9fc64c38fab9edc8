import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { multiModelServerImage } from '../python/mms-image.js';
import { PYTORCH } from '../support/fixtures.js';
import { WatchedDaemon, type WatchedEndpoint } from '../support/watched.js';

/* A file that the handler reads and does not import is taken by new workers, tried before the old ones go. */

const HANDLER = `import json
import os


def model_fn(model_dir):
    with open(os.path.join(model_dir, "code", "labels.json")) as file:
        return json.load(file)["label"]


def input_fn(body, content_type):
    return body


def predict_fn(data, model):
    return model


def output_fn(prediction, accept):
    return prediction
`;

let watched: WatchedDaemon;
beforeAll(async () => {
  watched = await WatchedDaemon.start();
});
afterAll(() => watched.stop());

describe.each([
  { server: 'TorchServe', imageOf: async () => PYTORCH.image, reload: 'beside' as const },
  { server: 'multi-model-server', imageOf: multiModelServerImage, reload: 'restart' as const },
])('In $server, with reload: $reload', ({ server, imageOf, reload }) => {
  let endpoint: WatchedEndpoint;

  beforeAll(async () => {
    endpoint = await watched.endpoint(
      server.toLowerCase(),
      { 'inference.py': HANDLER, 'labels.json': '{"label": "first"}' },
      {
        image: await imageOf(),
        modelDataUrl: pathToFileURL(PYTORCH.archive).href,
        entryPoint: 'inference.py',
        reload,
        environment: { SAGEMAKER_MODEL_SERVER_WORKERS: '1' },
      },
    );
  });

  test('a data file of the handler is taken by new workers in the same container', async () => {
    const containers = endpoint.containers;
    expect(await endpoint.ask()).toBe('first');
    const report = await endpoint.reloaded(() =>
      endpoint.save('labels.json', '{"label": "second"}'),
    );
    expect(report).toMatchObject({ tier: 'workers', failure: undefined });
    expect(await endpoint.ask()).toBe('second');
    expect(endpoint.containers).toEqual(containers);
  });

  test('a data file that comes with code that cannot be imported leaves the old workers serving, until both are right', async () => {
    const containers = endpoint.containers;
    const broken = await endpoint.reloaded(async () => {
      await endpoint.save('labels.json', '{"label": "third"}');
      await endpoint.replace('inference.py', 'import os\n', 'import os, maths\n');
    });
    expect(broken.failure).toContain("No module named 'maths'");
    expect(await endpoint.ask()).toBe('second');
    expect(endpoint.containers).toEqual(containers);

    const mended = await endpoint.reloaded(() => endpoint.save('inference.py', HANDLER));
    expect(mended.failure).toBeUndefined();
    expect(await endpoint.ask()).toBe('third');
  });

  test('a changed model_fn is loaded beside the old model, or by new workers where there is no room for two', async () => {
    const containers = endpoint.containers;
    const report = await endpoint.reloaded(() =>
      endpoint.replace('inference.py', '["label"]', '["label"] + "!"'),
    );
    const tier = reload === 'restart' ? 'workers' : 'in-place';
    expect(report).toMatchObject({ tier, failure: undefined });
    expect(await endpoint.ask()).toBe('third!');
    expect(endpoint.containers).toEqual(containers);
  });
});
