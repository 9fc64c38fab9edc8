import { redeployment } from './deployment.js';
import type { EndpointRecord, Records } from './records.js';

/**
 * The endpoint's record, changed so that what it serves is deployed once more in fresh containers beside the old.
 * Undefined where there is nothing to replace: no such endpoint, or none that serves.
 */
export function redeployed(
  records: Records,
  endpointName: string,
  cause: string,
  now: Date,
): EndpointRecord | undefined {
  const record = records.endpoints.get(endpointName);
  if (record?.deployment === undefined || record.EndpointStatus !== 'InService') return undefined;
  return {
    ...record,
    EndpointStatus: 'Updating',
    LastModifiedTime: now,
    FailureReason: undefined,
    pending: redeployment(record.deployment, cause, now),
  };
}
