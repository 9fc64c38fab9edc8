import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvokeEndpointCommand } from '@aws-sdk/client-sagemaker-runtime';
import { expect, onTestFinished, test, vi } from 'vitest';
import { PYTHON_FILES } from '../../src/containers/process/python.js';
import { ReservedPorts } from '../../src/containers/process/reserved-ports.js';
import { createConfig, createEndpoint } from '../support/endpoints.js';
import { Foreground } from '../support/foreground.js';
import { Archives, modelFiles } from './archives.js';
import { testMultiModel } from './multi-model.js';

/* Several models in a process of our own serving host; the same list as multi-model-server's, in multi-model.docker.test.ts. */

const daemon = testMultiModel('process', async () => 'any');

const HUNGRY = `
def model_fn(model_dir):
    return bytearray(1 << 60)
`;

test('A model for which there is no memory has the others unloaded, and is told', async () => {
  const archives = await Archives.make();
  onTestFinished(() => archives.remove());
  await archives.add('small.tar.gz', modelFiles('small'));
  await archives.add('huge.tar.gz', { 'inference.py': HUNGRY });
  await createConfig(daemon, 'hungry', {
    ...{ Image: 'any', Mode: 'MultiModel', ModelDataUrl: archives.url },
  });
  await createEndpoint(daemon, 'hungry', 'hungry');
  const ask = async (TargetModel: string) => {
    const input = { EndpointName: 'hungry', TargetModel, ContentType: 'application/json' };
    const answer = await daemon.runtime.send(new InvokeEndpointCommand({ ...input, Body: '{}' }));
    return JSON.parse(answer.Body?.transformToString() ?? '');
  };
  const before = await ask('small.tar.gz');
  await expect(ask('huge.tar.gz')).rejects.toMatchObject({
    ...{ name: 'ModelError', OriginalStatusCode: 507 },
    OriginalMessage: expect.stringContaining('System out of memory'),
  });
  const after = await ask('small.tar.gz');
  expect(after).toMatchObject({ word: 'small' });
  expect(after.pid).not.toBe(before.pid);
});

test('Where /opt/ml cannot be had, models are found where the environment says', async () => {
  const base = await mkdtemp(join(tmpdir(), 'smlocal-base-'));
  onTestFinished(() => rm(base, { recursive: true }));
  const model = join(base, 'models', 'm', 'model');
  await mkdir(model, { recursive: true });
  for (const [path, text] of Object.entries(modelFiles('elsewhere')))
    await writeFile(join(model, path), text);
  const reserved = await ReservedPorts.reserve([8080]);
  onTestFinished(() => reserved.release());
  const port = reserved.numbers.get(8080);
  const host = new Foreground('python3', ['-m', 'smlocal_serving'], {
    cwd: base,
    env: {
      ...{ PATH: process.env.PATH, PYTHONPATH: PYTHON_FILES, PYTHONDONTWRITEBYTECODE: '1' },
      ...{ SAGEMAKER_MULTI_MODEL: 'true', SAGEMAKER_BASE_DIR: base },
      SAGEMAKER_BIND_TO_PORT: String(port),
    },
  });
  onTestFinished(async () => {
    host.signal('SIGTERM');
    await host.ended;
  });
  const url = `http://127.0.0.1:${port}`;
  await vi.waitFor(() => fetch(`${url}/ping`), 20_000);
  const body = JSON.stringify({ model_name: 'm', url: '/opt/ml/models/m/model' });
  const headers = { 'content-type': 'application/json' };
  expect(await fetch(`${url}/models`, { method: 'POST', body, headers })).toMatchObject({
    status: 200,
  });
  const answer = await fetch(`${url}/models/m/invoke`, { method: 'POST', body: '{}', headers });
  expect(await answer.json()).toMatchObject({ word: 'elsewhere', dir: model });
});
