import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createDockerEngine } from '../../src/containers/docker.js';
import type { Address, ContainerEngine } from '../../src/containers/engine.js';
import { ProcessEngine } from '../../src/containers/process/process-engine.js';
import { createLogger } from '../../src/log.js';
import { multiModelServerImage } from '../python/mms-image.js';
import { numpyPython } from '../support/python-clients.js';
import { modelFiles } from './archives.js';

/*
 * The same calls of the API for models, once to multi-model-server with SageMaker's toolkit in its container, once to our
 * host, in a Python that has not the toolkit: what they answer is the same.
 */

const log = createLogger();
let folder: string;
let image: string;
let python: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'smlocal-api-'));
  [image, python] = await Promise.all([multiModelServerImage(), numpyPython()]);
  for (const name of ['a', 'b', 'broken']) {
    const model = join(folder, 'models', name, 'model');
    await mkdir(model, { recursive: true });
    for (const [path, text] of Object.entries(modelFiles(name)))
      await writeFile(join(model, path), text);
  }
  await writeFile(join(folder, 'models', 'broken', 'model', 'words.py'), 'import nowhere\n');
});
afterAll(() => rm(folder, { recursive: true }));

const JSON_TYPE = { 'content-type': 'application/json' };
const load = (name: string, url = `/opt/ml/models/${name}/model`) =>
  ['POST', '/models', JSON.stringify({ model_name: name, url }), JSON_TYPE] as const;

/** What describing a model says beyond these is of the server alone. */
const DESCRIBED = ['modelName', 'modelUrl', 'minWorkers', 'maxWorkers', 'batchSize'];

type Call = readonly [
  method: string,
  path: string,
  body?: string,
  headers?: Readonly<Record<string, string>>,
];

const CALLS: readonly Call[] = [
  ['GET', '/ping'],
  ['GET', '/models'],
  ['GET', '/models/a'],
  ['POST', '/models/a/invoke', '{}', JSON_TYPE],
  ['DELETE', '/models/a'],
  ['POST', '/models', '{}', JSON_TYPE],
  ['POST', '/models', '{"model_name": "a"}', JSON_TYPE],
  load('nowhere'),
  load('a'),
  load('a'),
  load('b'),
  ['GET', '/models'],
  ['GET', '/models?limit=1'],
  ['GET', '/models?limit=1&next_page_token=1'],
  ['GET', '/models/b'],
  ['POST', '/models/a/invoke', '{}', { ...JSON_TYPE, 'x-amzn-sagemaker-target-model': 'a.tar.gz' }],
  ['POST', '/models/b/invoke', '{"text": "four"}', JSON_TYPE],
  ['POST', '/models/b/invoke', '{"raise": "why"}', JSON_TYPE],
  ['POST', '/models/b/invoke', 'no JSON', JSON_TYPE],
  load('broken'),
  ['POST', '/models/broken/invoke', '{}', JSON_TYPE],
  ['POST', '/invocations', '{}', JSON_TYPE],
  ['GET', '/nowhere'],
  ['POST', '/models/a/other', '{}', JSON_TYPE],
  ['DELETE', '/models/a'],
  ['POST', '/models/a/invoke', '{}', JSON_TYPE],
  ['DELETE', '/models/a'],
  load('a'),
  ['GET', '/models'],
];

test('The API for models answers as multi-model-server does', async () => {
  const [theirs, ours] = await Promise.all([
    answers(createDockerEngine({ log })),
    answers(new ProcessEngine({ stateDir: folder, log })),
  ]);
  for (const [index, call] of CALLS.entries())
    expect(ours[index], JSON.stringify(call)).toEqual(theirs[index]);
});

/** Serves the models by an engine, makes all the calls, and takes it away. */
async function answers(engine: ContainerEngine) {
  const { id, address } = await engine.start({
    name: `smlocal-api-${process.pid}`,
    image,
    command: ['serve'],
    environment: { SAGEMAKER_MULTI_MODEL: 'true', SMLOCAL_PYTHON: python },
    mounts: [{ source: join(folder, 'models'), target: '/opt/ml/models' }],
    labels: {},
    containerPort: 8080,
  });
  try {
    await vi.waitFor(() => fetch(`http://${address.host}:${address.port}/ping`), 60_000);
    const answered = [];
    for (const call of CALLS) answered.push(await ask(address, call));
    return answered;
  } finally {
    await engine.remove(id);
  }
}

async function ask({ host, port }: Address, [method, path, body, headers = {}]: Call) {
  const answer = await fetch(`http://${host}:${port}${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    contentType: answer.headers.get('content-type'),
    body: comparable(text, method === 'GET' && /^\/models\/\w+$/.test(path)),
  };
}

/** Without process ids, and of a traceback only what is last; of a description what both have. */
function comparable(text: string, isDescription: boolean): unknown {
  try {
    const { pid: _, ...rest } = JSON.parse(text) as Record<string, unknown>;
    const known = Object.entries(rest).filter(([name]) => DESCRIBED.includes(name));
    return isDescription && 'modelName' in rest ? Object.fromEntries(known) : rest;
  } catch {
    return text.trim().split('\n').at(-1);
  }
}
