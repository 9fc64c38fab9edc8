import type { ContainerEngine, ObservedContainer } from '../containers/engine.js';
import { STATE_LABEL } from '../containers/labels.js';
import { STOP_GRACE_SECONDS } from '../hosting/bring-up.js';

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

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  );
}
