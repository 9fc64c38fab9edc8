import { once } from 'node:events';
import { access, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createArtifacts } from '../../src/artifacts/artifacts.js';
import { Backend } from '../../src/hosting/backend.js';
import { forwardToModel } from '../../src/hosting/multi-model/forward-to-model.js';
import {
  LoadedModels,
  type LoadedModelsParts,
} from '../../src/hosting/multi-model/loaded-models.js';
import { ModelApi } from '../../src/hosting/multi-model/model-api.js';
import { createLogger } from '../../src/log.js';
import { Archives, modelFiles } from './archives.js';

/*
 * What no real model server can be made to do at will: to have no room, to lose a model, to take its time. A server that
 * keeps SageMaker's contract for containers does so; archives, cache and shelf are the real ones.
 */

/** Has as many models as it has room for, and answers each invocation with what its word file says. */
class ModelServer {
  room = Number.POSITIVE_INFINITY;
  /** Ids, in the order of their loading. */
  readonly loaded: string[] = [];
  readonly calls: string[] = [];
  /** What a loading waits for. */
  gate: Promise<void> = Promise.resolve();
  /** What each invocation is answered with, where it is no 200. */
  status = 200;
  readonly #server = createServer((request, response) => this.#answer(request, response));

  constructor(private readonly shelf: string) {}

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const { method, url = '' } = request;
    const [, , id = '', verb] = (url.split('?')[0] ?? '').split('/');
    this.calls.push(`${method} ${id === '' ? '/models' : (verb ?? 'model')}`);
    const status = await this.#statusOf(method, id, verb, body);
    response.statusCode = status;
    if (method === 'GET' && id === '') {
      const models = this.loaded.map((modelName) => ({ modelName }));
      response.end(JSON.stringify({ models }));
    } else response.end(verb === 'invoke' && status === 200 ? `${id} ${body}` : `status ${status}`);
  }

  async #statusOf(method = '', id: string, verb: string | undefined, body: string) {
    if (method === 'POST' && id === '') return this.#load(body);
    if (method === 'GET' && id === '') return 200;
    if (!this.loaded.includes(id)) return 404;
    if (method === 'DELETE') this.loaded.splice(this.loaded.indexOf(id), 1);
    return verb === 'invoke' ? this.status : 200;
  }

  async #load(body: string): Promise<number> {
    const { model_name: id, url } = JSON.parse(body) as { model_name: string; url: string };
    await this.gate;
    await access(join(this.shelf, url.slice('/opt/ml/models/'.length), 'inference.py'));
    if (this.loaded.includes(id)) return 409;
    if (this.loaded.length >= this.room) return 507;
    this.loaded.push(id);
    return 200;
  }
}

let folder: string;
let archives: Archives;
let server: ModelServer;
let backend: Backend;
const told: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'smlocal-loaded-'));
  archives = await Archives.make();
  for (const name of ['a', 'b', 'c']) await archives.add(`${name}.tar.gz`, modelFiles(name));
  server = new ModelServer(shelf().path);
  backend = new Backend('container', { host: '127.0.0.1', port: await server.listen() });
  await shelf().create();
  told.length = 0;
});
afterEach(async () => {
  await backend.close();
  server.close();
  await archives.remove();
  await rm(folder, { recursive: true });
});

const artifacts = () => createArtifacts({ stateDir: folder, log: createLogger() });
const shelf = () => artifacts().shelfOf('container');

function modelsOf(settings: Partial<LoadedModelsParts> = {}): LoadedModels {
  return new LoadedModels({
    api: new ModelApi(backend),
    artifacts: artifacts(),
    shelf: shelf(),
    prefix: archives.url,
    keeps: true,
    follows: false,
    tell: (line) => told.push(line),
    ...settings,
  });
}

/** Has loadings wait. @returns lets them go on */
function closeGate(): () => void {
  let open = () => {};
  server.gate = new Promise((resolve) => {
    open = resolve;
  });
  return open;
}

const never = new AbortController().signal;

/** One invocation's use of a model, over at once. */
async function use(models: LoadedModels, target: string): Promise<string> {
  const used = await models.use(target, never);
  used.release();
  return used.id;
}

test('A container without room has the model unloaded that was used the longest time ago', async () => {
  server.room = 2;
  const models = modelsOf();
  const a = await use(models, 'a.tar.gz');
  const b = await use(models, 'b.tar.gz');
  expect(await use(models, 'a.tar.gz')).toBe(a);
  const c = await use(models, 'c.tar.gz');
  expect(server.loaded).toEqual([a, c]);
  expect((await readdir(shelf().path)).sort()).toEqual([a, c].sort());
  expect(await use(models, 'b.tar.gz')).toBe(b);
  expect(server.loaded).toEqual([c, b]);
});

test('A model in use is not unloaded for another: that waits until it is used no more', async () => {
  server.room = 1;
  const models = modelsOf();
  const a = await models.use('a.tar.gz', never);
  const b = models.use('b.tar.gz', never);
  await vi.waitFor(() =>
    expect(server.calls.filter((call) => call === 'GET /models')).toHaveLength(1),
  );
  expect(server.loaded).toEqual([a.id]);
  a.release();
  expect(server.loaded).toEqual([(await b).id]);
});

test('Many callers of three models in a container with room for one all get theirs', async () => {
  server.room = 1;
  const models = modelsOf();
  const ids = await Promise.all(
    Array.from({ length: 90 }, async (_, index) => {
      const used = await models.use(`${'abc'[index % 3]}.tar.gz`, never);
      expect(server.loaded).toEqual([used.id]);
      await new Promise((resolve) => setImmediate(resolve));
      expect(server.loaded).toEqual([used.id]);
      used.release();
      return used.id;
    }),
  );
  expect(new Set(ids).size).toBe(3);
});

test('Where no model can be unloaded, a container without room is told to the caller', async () => {
  server.room = 0;
  await expect(modelsOf().use('a.tar.gz', never)).rejects.toMatchObject({
    answer: { statusCode: 507 },
  });
});

test('Models from before a restart are known again by 409, and unloaded where there is no room', async () => {
  const [a] = [await use(modelsOf(), 'a.tar.gz'), await use(modelsOf(), 'b.tar.gz')];
  const models = modelsOf();
  expect(await models.use('a.tar.gz', never)).toMatchObject({ id: a, isFresh: false });
  server.room = 2;
  const c = await use(models, 'c.tar.gz');
  expect(server.loaded).toEqual([a, c]);
});

test('Calls for one model at once load it once', async () => {
  const models = modelsOf();
  await Promise.all(Array.from({ length: 20 }, () => use(models, 'a.tar.gz')));
  expect(server.calls).toEqual(['POST /models']);
});

test('Calls for two models at once have them loaded side by side', async () => {
  const open = closeGate();
  const models = modelsOf();
  const both = Promise.all([use(models, 'a.tar.gz'), use(models, 'b.tar.gz')]);
  await vi.waitFor(() => expect(server.calls).toEqual(['POST /models', 'POST /models']));
  open();
  await both;
});

test('A model that is not to be kept goes when its last call has ended', async () => {
  const models = modelsOf({ keeps: false });
  const [first, second] = await Promise.all(
    Array.from({ length: 2 }, () => models.use('a.tar.gz', never)),
  );
  first?.release();
  expect(server.loaded).toHaveLength(1);
  second?.release();
  await vi.waitFor(() => expect(server.loaded).toHaveLength(0));
  // While it is being unloaded, too, the next call has it loaded.
  for (let call = 0; call < 5; call += 1) await use(models, 'a.tar.gz');
  await vi.waitFor(() => expect(server.loaded).toHaveLength(0));
  expect(await readdir(shelf().path)).toEqual([]);
});

test('Where changes are followed, a new archive takes the old one’s place, and the old one goes', async () => {
  const models = modelsOf({ follows: true });
  const old = await use(models, 'a.tar.gz');
  await archives.add('a.tar.gz', modelFiles('new'));
  const fresh = await use(models, 'a.tar.gz');
  expect(fresh).not.toBe(old);
  await vi.waitFor(() => expect(server.loaded).toEqual([fresh]));
});

test('Where changes are followed, an archive that cannot be loaded leaves the old one serving, and is told', async () => {
  const models = modelsOf({ follows: true });
  const old = await use(models, 'a.tar.gz');
  await writeFile(archives.path('a.tar.gz'), 'no archive');
  expect(await use(models, 'a.tar.gz')).toBe(old);
  expect(await use(models, 'a.tar.gz')).toBe(old);
  expect(told).toEqual([expect.stringMatching(/^a\.tar\.gz has changed and cannot be loaded/)]);
  await rm(archives.path('a.tar.gz'));
  expect(await use(models, 'a.tar.gz')).toBe(old);
  await archives.add('a.tar.gz', modelFiles('mended'));
  expect(await use(models, 'a.tar.gz')).not.toBe(old);
});

/** A client's way to a model, over real sockets. */
async function invoke(models: LoadedModels, body: string, waitingLimitMs?: number) {
  const ended: unknown[] = [];
  const front = createServer(async (request, response) => {
    const invocation = {
      ...{ headers: {}, request, response, timeoutMs: 10_000, maxBodyBytes: 10_000_000 },
      responseHeaders: () => ({}),
    };
    const outcome = await forwardToModel(backend, models, 'a.tar.gz', invocation, waitingLimitMs);
    ended.push(outcome);
    if (outcome.kind !== 'answered') response.writeHead(599).end();
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  const { port } = front.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body });
  const said = await answer.text();
  front.close();
  front.closeAllConnections();
  return { said, outcome: ended[0] };
}

test.each([
  ['small', 'x'],
  ['large', 'x'.repeat(1_000_000)],
])('A model that the container has lost is loaded again, for a %s body', async (_size, body) => {
  const models = modelsOf();
  const { said } = await invoke(models, body);
  server.loaded.length = 0;
  expect(await invoke(models, body)).toEqual({ said, outcome: { kind: 'answered' } });
});

test('A 404 of the model’s own is its answer', async () => {
  const models = modelsOf();
  server.status = 404;
  const { outcome } = await invoke(models, 'x');
  expect(outcome).toMatchObject({ kind: 'error-status', statusCode: 404 });
  expect(server.calls.filter((call) => call === 'POST invoke')).toHaveLength(1);
});

test('A call does not wait for ever for its model, whose loading goes on', async () => {
  const open = closeGate();
  const models = modelsOf();
  const { outcome } = await invoke(models, 'x', 50);
  expect(outcome).toMatchObject({ kind: 'not-ready' });
  expect(backend.outstanding).toBe(0);
  open();
  await vi.waitFor(() => expect(server.loaded).toHaveLength(1));
  expect((await invoke(models, 'x')).outcome).toEqual({ kind: 'answered' });
  expect(server.calls.filter((call) => call === 'POST /models')).toHaveLength(1);
});
