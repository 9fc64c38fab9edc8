import type { EngineClient } from './engine-client.js';
import { statusOf } from './engine-errors.js';

const GONE = 404;
const REMOVAL_IN_PROGRESS = 409;
const REMOVAL_LIMIT_MS = 30_000;
const ATTEMPTS = 3;
/** How long the engine may take beyond the grace. */
const STOP_LIMIT_MS = 30_000;

/** SIGTERM, and SIGKILL after the grace; 304 is «not running», 404 «gone», 409 «being removed». */
export async function stopContainer(
  engine: EngineClient,
  id: string,
  graceSeconds: number,
): Promise<void> {
  const t = Math.max(0, Math.ceil(graceSeconds)); // the engine takes whole seconds, and -1 for «never kill»
  try {
    await engine.ask((docker) => docker.getContainer(id).stop({ t }), t * 1000 + STOP_LIMIT_MS);
  } catch (error) {
    if (![304, GONE, REMOVAL_IN_PROGRESS].includes(statusOf(error) ?? 0)) throw error;
  }
}

/** Removes a container and its anonymous volumes, and returns when its name is free again. */
export async function removeContainer(engine: EngineClient, id: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await engine.ask((docker) => docker.getContainer(id).remove({ force: true, v: true }));
      return;
    } catch (error) {
      if (statusOf(error) === GONE) return;
      if (statusOf(error) !== REMOVAL_IN_PROGRESS || attempt === ATTEMPTS) throw error;
      if (await isRemovedByAnother(engine, id)) return;
    }
  }
}

/** Someone else's removal is under way; the engine's own wait tells when it is through. */
async function isRemovedByAnother(engine: EngineClient, id: string): Promise<boolean> {
  const abortSignal = AbortSignal.timeout(REMOVAL_LIMIT_MS);
  try {
    await engine.call((docker) =>
      docker.getContainer(id).wait({ condition: 'removed', abortSignal }),
    );
    return true;
  } catch (error) {
    if (statusOf(error) === GONE) return true;
    if (abortSignal.aborted) return false;
    throw error;
  }
}

const IN_USE = 409;

/** @returns whether there is no volume of this name now; one that a container uses stays */
export async function removeVolume(engine: EngineClient, name: string): Promise<boolean> {
  try {
    await engine.ask((docker) => docker.getVolume(name).remove());
    return true;
  } catch (error) {
    if (statusOf(error) === IN_USE) return false;
    if (statusOf(error) === GONE) return true;
    throw error;
  }
}
