import { setTimeout as delay } from 'node:timers/promises';
import type { Address } from '../containers/engine.js';
import type { Mailbox } from './mailbox.js';

/** How often the mailbox is looked into, which costs the container nothing. */
const POLL_MS = 10;

/** How often the server is asked, for workers without our agent: each time is a line in its log. */
const ASK_MS = 250;

/** TorchServe goes on trying for five minutes; a person who waits for an edit should know sooner that all is not well. */
const LIMIT_MS = 60_000;

/**
 * Waits until a model server that has passed its ping has a worker that can answer. TorchServe calls itself healthy before
 * its workers have loaded the handler, and also while they fail to; for others the ping is the word.
 *
 * @returns the failure of the handler, as the agent in a worker tells it; undefined where a worker is ready, and where none
 *   is within a minute: then it is as SageMaker would have it
 */
export async function awaitWorkers(
  address: Address,
  mailbox: Mailbox,
  signal: AbortSignal,
): Promise<string | undefined> {
  const model = (await modelsOf(address, signal))[0];
  if (model === undefined) return undefined;
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
  let asked = 0;
  while (!deadline.aborted) {
    const workers = mailbox.workers().filter(({ kind }) => kind !== 'plain');
    const failed = workers.find(({ state }) => state === 'failed');
    if (failed !== undefined) return failed.outcome?.traceback ?? 'The handler cannot be loaded.';
    if (workers.some(({ state }) => state === 'ready')) return undefined;
    if (performance.now() - asked > ASK_MS) {
      if (await hasReadyWorker(address, model, deadline)) return undefined;
      asked = performance.now();
    }
    await delay(POLL_MS);
  }
  return undefined;
}

/** The names that the management API of TorchServe or multi-model-server lists; none where there is no such API. */
async function modelsOf(address: Address, signal: AbortSignal): Promise<string[]> {
  const answer = (await getJson(address, '/models', signal)) as {
    models?: { modelName?: unknown }[];
  };
  return (answer?.models ?? []).map(({ modelName }) => String(modelName));
}

async function hasReadyWorker(
  address: Address,
  model: string,
  signal: AbortSignal,
): Promise<boolean> {
  const answer = await getJson(address, `/models/${encodeURIComponent(model)}`, signal);
  // TorchServe lists the model's versions; multi-model-server knows but one.
  const versions = [answer ?? []].flat() as { workers?: { status?: unknown }[] }[];
  return versions.some(({ workers = [] }) => workers.some(({ status }) => status === 'READY'));
}

async function getJson(
  { host, port }: Address,
  path: string,
  signal: AbortSignal,
): Promise<unknown> {
  try {
    const response = await fetch(`http://${host}:${port}${path}`, { signal });
    const text = await response.text();
    return response.ok ? JSON.parse(text) : undefined;
  } catch {
    return undefined; // No such API, or nobody there any more: others watch for that.
  }
}
