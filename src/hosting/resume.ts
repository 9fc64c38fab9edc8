import type { EndpointRecord, Records } from './records.js';

/**
 * What an endpoint is after the daemon was away: whatever it served, or was about to, comes up again as if it were new.
 * Containers that still run are then adopted by their deployment's id, which takes milliseconds.
 */
function resumed(record: EndpointRecord): EndpointRecord {
  const before = record.pending ?? record.deployment;
  if (record.EndpointStatus === 'Failed' || record.EndpointStatus === 'Deleting') return record;
  return {
    ...record,
    EndpointStatus: 'Creating',
    pending: before && { ...before, cause: 'smlocal has started' },
    deployment: undefined,
    FailureReason: undefined,
  };
}

/** Readies every endpoint's record for the reconciler; returns their names. */
export async function resumeAfterRestart(records: Records): Promise<string[]> {
  const endpoints = records.endpoints.values();
  await Promise.all(
    endpoints.map((record) => records.endpoints.put(record.EndpointName, resumed(record))),
  );
  return endpoints.map(({ EndpointName }) => EndpointName);
}
