import type { ContainerEngine, ObservedContainer } from '../containers/engine.js';
import { STATE_LABEL } from '../containers/labels.js';
import { SmlocalError } from '../errors.js';
import { STOP_GRACE_SECONDS } from '../hosting/bring-up.js';
import type { Logger } from '../log.js';

/** Every container of this state folder, whatever it is for, running or not. */
export function ownContainers(
  engine: ContainerEngine,
  stateId: string,
): Promise<ObservedContainer[]> {
  return engine.list({ [STATE_LABEL]: stateId });
}

/**
 * Stops and removes them all: SIGTERM, and SIGKILL after SageMaker's 30 s or as soon as `force` aborts.
 * @returns how many there were
 */
export async function removeOwnContainers(
  engine: ContainerEngine,
  stateId: string,
  force: AbortSignal,
): Promise<number> {
  const containers = await ownContainers(engine, stateId);
  await Promise.all(
    containers.map(async ({ id }) => {
      await Promise.race([engine.stop(id, STOP_GRACE_SECONDS), aborted(force)]);
      await engine.remove(id);
    }),
  );
  return containers.length;
}

/** Ends them with the daemon, and what their agents and models have. Without an engine there is no container to stop. */
export async function letGoOfContainers(parts: {
  readonly engine: ContainerEngine;
  readonly stateId: string;
  readonly agents: { disposeAll(): Promise<void> };
  readonly artifacts: { removeShelves(): Promise<void> };
  readonly force: AbortSignal;
  readonly log: Logger;
}): Promise<void> {
  const { engine, stateId, agents, artifacts, force, log } = parts;
  try {
    const count = await removeOwnContainers(engine, stateId, force);
    await agents.disposeAll();
    await artifacts.removeShelves();
    log.info({ count }, 'removed the containers');
  } catch (error) {
    if (!(error instanceof SmlocalError)) throw error;
    log.warn({ err: error }, 'containers could not be stopped');
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  );
}
