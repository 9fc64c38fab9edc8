import { execFileSync, spawnSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { WatchedDaemon, type WatchedEndpoint } from '../support/watched.js';

/* Handlers served by the local process engine: no container engine is asked for anything here. */

const HANDLER = `
import json, os
from helper import WORD

def model_fn(model_dir):
    return {"pid": os.getpid(), "files": sorted(os.listdir(model_dir)), "dir": model_dir}

def input_fn(data, content_type):
    return json.loads(data)

def predict_fn(data, model):
    if data.get("raise"):
        raise KeyError(data["raise"])
    if "bytes" in data:
        return {"got": len(bytearray(data["bytes"]))}
    return {**model, "word": WORD, "data": data, "worker": os.getpid()}

def output_fn(prediction, accept):
    return json.dumps(prediction)
`;

let watched: WatchedDaemon;
let endpoint: WatchedEndpoint;

const answer = async (body: unknown = {}) => JSON.parse(await endpoint.ask(body));

beforeAll(async () => {
  watched = await WatchedDaemon.start({}, 'process');
  endpoint = await watched.endpoint(
    'plain',
    { 'inference.py': HANDLER, 'helper.py': 'WORD = "one"\n' },
    { image: 'any', environment: { SAGEMAKER_MODEL_SERVER_WORKERS: '2' } },
  );
});
afterAll(() => watched.stop());

test('A handler is served at /opt/ml/model by as many workers as it asks for, in place of a container', async () => {
  const { engine } = await watched.daemon.status();
  expect(engine.description).toMatch(/^local processes \(Python 3/);
  expect(await answer({ a: 1 })).toMatchObject({ word: 'one', data: { a: 1 }, files: ['code'] });
  const workers = async () =>
    new Set(
      (await Promise.all(Array.from({ length: 8 }, () => answer()))).map(({ worker }) => worker),
    );
  const seen = new Set<number>();
  await vi.waitFor(async () => {
    for (const worker of await workers()) seen.add(worker);
    expect(seen.size).toBe(2);
  }, 10_000);
});

test('An exception of the handler is a ModelError with its traceback', async () => {
  await expect(endpoint.ask({ raise: 'why' })).rejects.toThrow(/424.*'why'[\s\S]*inference\.py/);
});

test('A handler that asks for nearly all memory of the machine gets a MemoryError, and serves on', async () => {
  // Nothing is written to it, so without a limit the system gives out as much.
  const bytes = Math.floor(0.95 * totalmem());
  await expect(endpoint.ask({ bytes })).rejects.toThrow(/424.*MemoryError/);
  expect(await answer()).toMatchObject({ word: 'one' });
});

test('A helper that is saved answers from every worker, and the loaded model is kept', async () => {
  const before = await answer();
  const report = await endpoint.reloaded(() => endpoint.replace('helper.py', 'one', 'two'));
  expect(report).toMatchObject({ tier: 'in-place', failure: undefined });
  const workers = new Set<number>();
  // Whoever is free takes a call: on a busy machine one worker may take many.
  await vi.waitFor(async () => {
    const after = await Promise.all(Array.from({ length: 12 }, () => answer()));
    expect(new Set(after.map(({ word }) => word))).toEqual(new Set(['two']));
    expect(after.map(({ pid, worker }) => pid === worker)).not.toContain(false);
    for (const { worker } of after) workers.add(worker);
    expect(workers).toContain(before.worker);
  }, 10_000);
});

test('A handler that cannot be imported is told with its traceback while the old one serves, then mended', async () => {
  const broken = await endpoint.reloaded(() =>
    endpoint.save('helper.py', 'WORD = "three"\nimport nowhere\n'),
  );
  expect(broken.failure).toMatch(/helper\.py", line 2[\s\S]*No module named 'nowhere'/);
  expect(await answer()).toMatchObject({ word: 'two' });
  await endpoint.save('helper.py', 'WORD = "three"\n');
  await vi.waitFor(() => expect(endpoint.shown).toMatch(/^reloaded in place/), 10_000);
  expect(await answer()).toMatchObject({ word: 'three' });
});

test('A process that was killed from outside is replaced, with all that it had started', async () => {
  const { worker } = await answer();
  const [before] = endpoint.containers;
  process.kill(parentOf(parentOf(worker)), 'SIGKILL');
  await vi.waitFor(async () => {
    expect(endpoint.containers[0]).not.toBe(before);
    expect(await answer()).toMatchObject({ word: 'three' });
  }, 20_000);
  await vi.waitFor(() => expect(isRunning(worker)).toBe(false), 10_000);
});

test('What a handler prints is in the logs', async () => {
  await endpoint.save('helper.py', 'WORD = "four"\nprint("hello from helper")\n');
  await vi.waitFor(async () => expect(await answer()).toMatchObject({ word: 'four' }), 10_000);
  const until = AbortSignal.timeout(10_000);
  for await (const { text } of watched.daemon.logs('plain', { follow: true, signal: until })) {
    if (text === 'hello from helper') return;
  }
  expect.unreachable('the line never came');
});

test('A Python that a model names and that is not there fails its endpoint, and says so', async () => {
  const named = watched.endpoint(
    'without-python',
    { 'inference.py': HANDLER, 'helper.py': 'WORD = "one"\n' },
    { image: 'any', environment: { SMLOCAL_PYTHON: '/nowhere/python3' } },
  );
  await expect(named).rejects.toThrow('No Python answers as /nowhere/python3');
  expect((await watched.daemon.status()).engine.answers).toBe(true);
});

test('Nothing of it is left when the daemon ends', async () => {
  const { worker } = await answer();
  const launcher = parentOf(parentOf(worker));
  await watched.daemon.stop({ force: true });
  expect([worker, launcher].filter(isRunning)).toEqual([]);
  expect(await readdir(`${watched.folder}/state/processes`)).toEqual([]);
});

function parentOf(pid: number): number {
  return Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }));
}

/** A zombie is not, though it keeps its number until somebody asks how it ended. */
function isRunning(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.startsWith('Z');
}
