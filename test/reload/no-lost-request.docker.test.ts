import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { Pool } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEFAULT_ACCOUNT } from '../../src/config/config.js';
import type { Daemon } from '../../src/daemon/daemon.js';
import { startDaemon } from '../../src/daemon/start-daemon.js';
import { applyManifest } from '../../src/deploy/apply.js';
import { manifestOf } from '../../src/deploy/manifest.js';
import type { ReloadReport } from '../../src/reload/report.js';
import { PYTORCH } from '../support/fixtures.js';
import { configFor } from '../support/test-daemon.js';

/** `RELOADS=100` runs the whole of it. */
const RELOADS = Number(process.env.RELOADS ?? 30);

const CLIENTS = 16;

/** Between a client's calls: two cores are to bring up containers meanwhile. */
const THINK_MS = 10;

/** Every so many reloads one is by a new container. */
const REPLACE_EVERY = 10;

const ENDPOINT = 'versions';

let folder: string;
let daemon: Daemon;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'smlocal-reloads-'));
  await mkdir(join(folder, 'code'));
  await save('inference.py', handler(0));
  daemon = await startDaemon({ config: configFor(), stateDir: folder, watched: true });
  await daemon.resume();
  daemon.reloading.watch({ ignore: [], polling: false });
  const inService = new Promise<void>((resolve) => {
    daemon.events.on('status', ({ status }) => status === 'InService' && resolve());
  });
  const settings = {
    endpointName: ENDPOINT,
    modelName: ENDPOINT,
    image: PYTORCH.image,
    modelDataUrl: pathToFileURL(PYTORCH.archive).href,
    sourceDirectory: join(folder, 'code'),
    entryPoint: 'inference.py',
    environment: { SAGEMAKER_MODEL_SERVER_WORKERS: '2' },
    instanceType: 'local',
    instanceCount: 1,
    tags: {},
    debug: false,
  };
  await applyManifest(daemon.control, manifestOf(settings, DEFAULT_ACCOUNT), daemon.ending);
  await inService;
});

afterAll(async () => {
  await daemon.stop({ force: true });
  await rm(folder, { recursive: true });
});

test(`${RELOADS} reloads under ${CLIENTS} clients lose no request, and each answer is wholly of the old or of the new code`, async () => {
  const versions = { confirmed: 0, written: 0 };
  const ending = new AbortController();
  const faults: string[] = [];
  const clients = Array.from({ length: CLIENTS }, () => ask(versions, faults, ending.signal));
  const tiers: string[] = [];
  for (let version = 1; version <= RELOADS; version += 1) {
    versions.written = version;
    const report = await reloaded(version);
    expect(report.failure).toBeUndefined();
    tiers.push(report.tier);
    versions.confirmed = version;
  }
  ending.abort();
  const answered = (await Promise.all(clients)).reduce((sum, count) => sum + count, 0);
  expect(faults).toEqual([]);
  expect(answered).toBeGreaterThan(RELOADS * CLIENTS);
  expect(new Set(tiers)).toEqual(new Set(['in-place', 'replace']));
}, 300_000);

/** Saves a version, by way of a new container every so often, and waits for the report of it. */
async function reloaded(version: number): Promise<ReloadReport> {
  const report = new Promise<ReloadReport>((resolve) => {
    daemon.reloading.events.once('report', resolve);
  });
  const replaced = version % REPLACE_EVERY === 0;
  if (replaced) await save('requirements.txt', `# version ${version}\n`);
  await save('inference.py', handler(version));
  return report;
}

/** As editors do: written beside, then renamed. The name is one that the watch leaves out. */
async function save(name: string, text: string): Promise<void> {
  const file = join(folder, 'code', name);
  await writeFile(`${file}~`, text);
  await rename(`${file}~`, file);
}

function handler(version: number): string {
  return `import json

VERSION = ${version}


def model_fn(model_dir):
    return "the model"


def input_fn(body, content_type):
    return [VERSION]


def predict_fn(data, model):
    return data + [VERSION]


def output_fn(prediction, accept):
    return json.dumps(prediction + [VERSION])
`;
}

/** One client that asks on and on. What the code was when it asked, and when it was answered, bounds what it may hear. */
async function ask(
  versions: { confirmed: number; written: number },
  faults: string[],
  ending: AbortSignal,
): Promise<number> {
  const pool = new Pool(daemon.url, { connections: 1 });
  let answered = 0;
  while (!ending.aborted) {
    const oldest = versions.confirmed;
    try {
      const { statusCode, body } = await pool.request({
        method: 'POST',
        path: `/endpoints/${ENDPOINT}/invocations`,
        headers: { 'content-type': 'application/json' },
        body: '[]',
      });
      const text = await body.text();
      const stamps = statusCode === 200 ? (JSON.parse(text) as number[]) : [];
      const [stamp = -1] = stamps;
      const whole = stamps.length === 3 && stamps.every((other) => other === stamp);
      if (!whole || stamp < oldest || stamp > versions.written) {
        faults.push(`${statusCode} ${text.slice(0, 200)}, asked at ${oldest}`);
      }
      answered += 1;
      await delay(THINK_MS);
    } catch (error) {
      faults.push(String(error));
    }
  }
  await pool.close();
  return answered;
}
