import { setTimeout as delay } from 'node:timers/promises';
import type { ContainerEngine } from '../containers/engine.js';
import { SmlocalError } from '../errors.js';

/** How often an engine that does not answer is asked again. */
const RETRY_MS = 1_000;

/**
 * Waits until the container engine answers.
 *
 * @param onFailure told each time that it does not
 * @returns the engine in a line
 * @throws the signal's reason when it aborts
 */
export async function awaitEngine(
  engine: ContainerEngine,
  signal: AbortSignal,
  onFailure: (reason: SmlocalError) => void,
): Promise<string> {
  for (;;) {
    try {
      return await engine.describe(signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof SmlocalError)) throw error;
      onFailure(error);
    }
    await delay(RETRY_MS, undefined, { signal });
  }
}
