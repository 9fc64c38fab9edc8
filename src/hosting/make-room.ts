import type { Backend } from './backend.js';
import { isCapacityChange } from './capacity.js';
import type { EndpointRecord, VariantDeployment } from './records.js';

/** Asked for by `reload: restart` of config.yml, or by whoever sets the variable in a model's environment. */
const SWITCH = 'SMLOCAL_RELOAD';

/** How long a call waits for the new container before it takes its chance. */
const HOLD_LIMIT_MS = 60_000;

/** A call lasts 60 s at most. */
const DRAIN_LIMIT_MS = 61_000;

/** Whether what is being brought up replaces what serves, and is too big to be held twice: then what serves has to go first. */
export function needsRoom({ deployment, pending }: EndpointRecord): boolean {
  const restarts = ({ container }: VariantDeployment) =>
    container.Environment?.[SWITCH] === 'restart';
  if (isCapacityChange(deployment, pending)) return false;
  return deployment !== undefined && (pending?.variants.some(restarts) ?? false);
}

export interface RoomParts {
  /** Keeps the endpoint's new calls waiting; the returned function lets them go on. */
  readonly hold: () => () => void;
  /** What serves now. */
  readonly backends: readonly Backend[];
  /** Takes a container out of service and stops it. */
  readonly stop: (backend: Backend) => Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Stops what serves, when its calls have ended, before its successor starts. New calls wait meanwhile.
 *
 * @returns lets the calls go on; called when the successor serves, or has failed to
 */
export async function makeRoom({ hold, backends, stop, signal }: RoomParts): Promise<() => void> {
  const release = hold();
  const limit = setTimeout(release, HOLD_LIMIT_MS);
  const drained = AbortSignal.any([signal, AbortSignal.timeout(DRAIN_LIMIT_MS)]);
  await Promise.all(
    backends.map(async (backend) => {
      await backend.drained(drained);
      if (!signal.aborted) await stop(backend);
    }),
  );
  return () => {
    clearTimeout(limit);
    release();
  };
}
