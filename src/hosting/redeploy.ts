import { redeployment } from './deployment.js';
import type { EndpointRecord } from './records.js';

/**
 * The endpoint's record, changed so that what it runs is deployed once more in fresh containers: beside the old where it
 * serves, anew where it has failed. Undefined while something else is being done with it.
 */
export function redeployed(
  record: EndpointRecord | undefined,
  cause: string,
  now: Date,
): EndpointRecord | undefined {
  const change = { LastModifiedTime: now, FailureReason: undefined };
  if (record?.EndpointStatus === 'InService' && record.deployment !== undefined) {
    const pending = redeployment(record.deployment, cause, now);
    return { ...record, ...change, EndpointStatus: 'Updating', pending };
  }
  if (record?.EndpointStatus === 'Failed' && record.pending !== undefined) {
    const pending = redeployment(record.pending, cause, now);
    return { ...record, ...change, EndpointStatus: 'Creating', pending };
  }
  return undefined;
}

/** The record of an endpoint that is being created, changed so that it is begun anew in fresh containers. */
export function begunAnew(
  record: EndpointRecord | undefined,
  cause: string,
  now: Date,
): EndpointRecord | undefined {
  if (record?.EndpointStatus !== 'Creating' || record.pending === undefined) return undefined;
  return { ...record, LastModifiedTime: now, pending: redeployment(record.pending, cause, now) };
}
