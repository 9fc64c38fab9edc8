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
import { HANDLERS, type HandlerCase, type Request, requestsFor } from './toolkit-cases.js';

/*
 * The same handlers and the same requests, once in SageMaker's own toolkit in its container (multi-model-server in front), once
 * in our host, in a Python that has NumPy and not the toolkit: so it is our own rules that are held against the real ones.
 */

const log = createLogger();

let folder: string;
let image: string;
let python: string;
let engines: { docker: ContainerEngine; process: ContainerEngine };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'smlocal-beside-'));
  [image, python] = await Promise.all([multiModelServerImage(), numpyPython()]);
  engines = {
    docker: createDockerEngine({ log }),
    process: new ProcessEngine({ stateDir: folder, log }),
  };
});
afterAll(() => rm(folder, { recursive: true }));

test.each(HANDLERS)(
  '$title: status, content type and body are those of the toolkit',
  async (handler) => {
    const requests = requestsFor(handler);
    const [theirs, ours] = await Promise.all([
      answers(engines.docker, handler, requests),
      answers(engines.process, handler, requests),
    ]);
    for (const [index, request] of requests.entries()) {
      expect(
        ours[index],
        JSON.stringify({ ...request, body: request.body.toString('latin1') }),
      ).toEqual(theirs[index]);
    }
  },
);

test('There are at least 200 requests', () => {
  expect(HANDLERS.flatMap(requestsFor).length).toBeGreaterThanOrEqual(200);
});

/** Serves the handler by an engine, asks it all the requests, and takes it away. */
async function answers(
  engine: ContainerEngine,
  handler: HandlerCase,
  requests: readonly Request[],
) {
  const model = join(folder, handler.name);
  await mkdir(join(model, 'code'), { recursive: true });
  await writeFile(join(model, 'code', 'inference.py'), handler.code);
  const { id, address } = await engine.start({
    name: `smlocal-beside-${handler.name}-${process.pid}`,
    image,
    command: ['serve'],
    environment: { SAGEMAKER_MODEL_SERVER_WORKERS: '1', SMLOCAL_PYTHON: python },
    mounts: [{ source: model, target: '/opt/ml/model' }],
    labels: {},
    containerPort: 8080,
  });
  try {
    await vi.waitFor(() => fetch(`http://${address.host}:${address.port}/ping`), 60_000);
    const answered = [];
    for (const request of requests) answered.push(await ask(address, request));
    return answered;
  } finally {
    await engine.remove(id);
  }
}

async function ask({ host, port }: Address, { contentType, accept, body }: Request) {
  const answer = await fetch(`http://${host}:${port}/invocations`, {
    method: 'POST',
    // Undici sends an Accept of its own where there is none; SageMaker's front end does not.
    headers: {
      ...(contentType === undefined ? {} : { 'content-type': contentType }),
      accept: accept ?? '',
    },
    body: new Uint8Array(body),
  });
  const text = Buffer.from(await answer.arrayBuffer()).toString('latin1');
  return {
    status: answer.status,
    phrase: comparable(answer.statusText),
    contentType: answer.headers.get('content-type'),
    body: answer.ok ? text : comparable(text),
  };
}

/** A traceback without the frames of whoever runs the handler, without the marks under a line, and without addresses. */
function comparable(text: string): string {
  const frame = / {2}File "([^"]*)", line \d+(?:, in .*)?\n(?: {4}.*\n)*/g;
  return text
    .replace(frame, (whole, file: string) =>
      file.endsWith('/code/inference.py') ? whole.replace(file, 'inference.py') : '',
    )
    .replace(/object at 0x[0-9a-f]+/g, 'object at 0x');
}
