import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { WatchedDaemon } from '../support/watched.js';

let watched: WatchedDaemon;

beforeAll(async () => {
  watched = await WatchedDaemon.start({}, 'process');
});
afterAll(() => watched.stop());

const handler = (model: string) => `
import time

def model_fn(model_dir):
    ${model}

def input_fn(body, content_type):
    return body

def predict_fn(data, model):
    return model

def output_fn(prediction, accept):
    return prediction
`;

test('An endpoint whose handler is saved while it is created is Creating until the new handler serves', async () => {
  const loading = join(watched.folder, 'loading');
  const statuses: string[] = [];
  watched.daemon.events.on('status', ({ status }) => statuses.push(status));
  const created = watched.endpoint(
    'early',
    { 'inference.py': handler(`open("${loading}", "w").close(); time.sleep(3600)`) },
    { image: 'any', environment: { SAGEMAKER_MODEL_SERVER_WORKERS: '1' } },
  );
  await vi.waitFor(() => expect(existsSync(loading)).toBe(true), 20_000);
  await writeFile(join(watched.folder, 'early', 'inference.py'), handler('return "new"'));
  const endpoint = await created;
  expect(await endpoint.ask()).toBe('new');
  expect(new Set(statuses)).toEqual(new Set(['Creating', 'InService']));
  await vi.waitFor(() => expect(endpoint.reports).toHaveLength(1));
  expect(endpoint.reports[0]).toMatchObject({ tier: 'replace', failure: undefined });
});
