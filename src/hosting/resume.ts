import type { ObservedContainer } from '../containers/engine.js';
import { instancesOf, isInstance } from './plan.js';
import type { Deployment, EndpointRecord, Records } from './records.js';

/**
 * What an endpoint is after the daemon was away. One whose containers all run still is what it was, `InService` or
 * `Updating`: they are adopted, which takes milliseconds, and its calls wait for that. Any other comes up again as if it
 * were new. Pure.
 *
 * @param observed the containers that the engine knows; none where no engine answers
 */
export function resumed(
  record: EndpointRecord,
  observed: readonly ObservedContainer[],
): EndpointRecord {
  const { EndpointStatus, deployment, pending } = record;
  if (EndpointStatus === 'Failed' || EndpointStatus === 'Deleting') return record;
  if (deployment !== undefined && isRunning(deployment, observed)) {
    return EndpointStatus === 'RollingBack' ? { ...record, EndpointStatus: 'InService' } : record;
  }
  const next = pending ?? deployment;
  return {
    ...record,
    EndpointStatus: 'Creating',
    pending: next && { ...next, cause: 'smlocal has started' },
    deployment: undefined,
    FailureReason: undefined,
  };
}

function isRunning(deployment: Deployment, observed: readonly ObservedContainer[]): boolean {
  return instancesOf(deployment).every((key) =>
    observed.some((container) => container.running && isInstance(container, key)),
  );
}

/** Readies the records of these endpoints for the reconciler; those that are gone meanwhile are left out. */
export async function resumeAfterRestart(
  { endpoints }: Records,
  names: readonly string[],
  observed: readonly ObservedContainer[],
): Promise<void> {
  await Promise.all(
    names.map(async (name) => {
      const record = endpoints.get(name);
      const next = record && resumed(record, observed);
      if (next !== undefined && next !== record) await endpoints.put(name, next);
    }),
  );
}
