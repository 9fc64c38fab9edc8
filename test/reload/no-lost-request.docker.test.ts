import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { Pool } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ReloadReport } from '../../src/reload/report.js';
import { FLASK, PYTORCH } from '../support/fixtures.js';
import { WatchedDaemon, type WatchedEndpoint } from '../support/watched.js';

/** `RELOADS=100` runs the whole of it. */
const RELOADS = Number(process.env.RELOADS ?? 20);

/** Half of them ask TorchServe, half gunicorn. */
const CLIENTS = 16;

/** Between a client's calls: two cores are to bring up containers meanwhile. */
const THINK_MS = 10;

/** Every so many reloads of an endpoint one is by a new container … */
const REPLACE_EVERY = 6;

/** … and one by new workers: gunicorn's always are. */
const DATA_EVERY = 4;

/** An endpoint, and what its answers may be: of no older code than was confirmed, of no newer than was saved. */
interface Versions {
  readonly endpoint: WatchedEndpoint;
  readonly file: string;
  readonly code: (version: number) => string;
  confirmed: number;
  saved: number;
}

let watched: WatchedDaemon;
let toolkit: Versions;
let gunicorn: Versions;

beforeAll(async () => {
  watched = await WatchedDaemon.start();
  const [inToolkit, inGunicorn] = await Promise.all([
    watched.endpoint(
      'toolkit',
      { 'inference.py': toolkitCode(0) },
      {
        image: PYTORCH.image,
        modelDataUrl: pathToFileURL(PYTORCH.archive).href,
        entryPoint: 'inference.py',
        environment: { SAGEMAKER_MODEL_SERVER_WORKERS: '2' },
      },
    ),
    watched.endpoint(
      'gunicorn',
      { 'app.py': flaskCode(0) },
      {
        image: FLASK.image,
        modelDataUrl: pathToFileURL(FLASK.archive).href,
        environment: { GUNICORN_CMD_ARGS: '--chdir=/opt/ml/model/code' },
      },
    ),
  ]);
  const none = { confirmed: 0, saved: 0 };
  toolkit = { ...none, endpoint: inToolkit, file: 'inference.py', code: toolkitCode };
  gunicorn = { ...none, endpoint: inGunicorn, file: 'app.py', code: flaskCode };
});

afterAll(() => watched.stop());

test(`${RELOADS} reloads of all tiers under ${CLIENTS} clients lose no request, and each answer is wholly of the old or of the new code`, async () => {
  const ending = new AbortController();
  const faults: string[] = [];
  const clients = Array.from({ length: CLIENTS }, (_, index) =>
    ask(index % 2 === 0 ? toolkit : gunicorn, faults, ending.signal),
  );
  const tiers: Record<string, number> = {};
  for (let reload = 0; reload < RELOADS; reload += 1) {
    const { tier, failure } = await reloaded(reload % 2 === 0 ? toolkit : gunicorn);
    expect(failure).toBeUndefined();
    tiers[tier] = (tiers[tier] ?? 0) + 1;
  }
  ending.abort();
  const answered = (await Promise.all(clients)).reduce((sum, count) => sum + count, 0);
  const counted = `${answered} answers, ${faults.length} faults, reloads: ${JSON.stringify(tiers)}`;
  process.stdout.write(`${counted}\n`);
  expect(faults).toEqual([]);
  expect(answered).toBeGreaterThan(RELOADS * CLIENTS);
  expect(new Set(Object.keys(tiers))).toEqual(new Set(['in-place', 'workers', 'replace']));
}, 900_000);

/** Saves the next version, by way of a new container every so often, and waits for the report of it. */
async function reloaded(versions: Versions): Promise<ReloadReport> {
  const { endpoint, file, code } = versions;
  const version = versions.saved + 1;
  versions.saved = version;
  const report = await endpoint.reloaded(async () => {
    if (version % REPLACE_EVERY === 0)
      await endpoint.save('requirements.txt', `# version ${version}\n`);
    else if (version % DATA_EVERY === 0)
      await endpoint.save('data.json', `{"version": ${version}}`);
    await endpoint.save(file, code(version));
  });
  versions.confirmed = version;
  return report;
}

/** One client that asks on and on. @returns how many answers it had */
async function ask(versions: Versions, faults: string[], ending: AbortSignal): Promise<number> {
  const pool = new Pool(versions.endpoint.daemon.url, { connections: 1 });
  let answered = 0;
  while (!ending.aborted) {
    const oldest = versions.confirmed;
    try {
      const { statusCode, body } = await pool.request({
        method: 'POST',
        path: `/endpoints/${versions.endpoint.name}/invocations`,
        headers: { 'content-type': 'application/json' },
        body: '[]',
      });
      const text = await body.text();
      const stamps = statusCode === 200 ? (JSON.parse(text) as number[]) : [];
      const [stamp = -1] = stamps;
      const whole = stamps.length === 3 && stamps.every((other) => other === stamp);
      if (!whole || stamp < oldest || stamp > versions.saved) {
        const asked = `asked ${versions.endpoint.name} at ${oldest}`;
        faults.push(`${statusCode} ${text.slice(0, 200)}, ${asked}`);
      }
      answered += 1;
    } catch (error) {
      faults.push(`${versions.endpoint.name}: ${error}`);
    }
    await delay(THINK_MS);
  }
  await pool.close();
  return answered;
}

function toolkitCode(version: number): string {
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

function flaskCode(version: number): string {
  return `import time

from flask import Flask, jsonify

app = Flask(__name__)
VERSION = ${version}


@app.route("/ping")
def ping():
    return ""


@app.route("/invocations", methods=["POST"])
def invocations():
    stamps = [VERSION]
    time.sleep(0.02)
    stamps.append(VERSION)
    return jsonify(stamps + [VERSION])
`;
}
