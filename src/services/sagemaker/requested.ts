import type { EndpointRecord } from '../../hosting/records.js';
import { after, type EndpointEvent, refusal } from '../../hosting/status.js';
import { inProgress, invalid } from './errors.js';

/**
 * The status that a request brings an endpoint to.
 * @throws ServiceError where the endpoint's status allows no such request
 */
export function requested({ EndpointStatus, EndpointArn }: EndpointRecord, request: EndpointEvent) {
  const status = after(EndpointStatus, request);
  if (status !== undefined && status !== 'absent') return status;
  if (refusal(EndpointStatus, request) === 'in progress') throw inProgress(EndpointArn);
  // A failed endpoint can only be deleted (developer guide); the service's text is not known.
  throw invalid(`Cannot update endpoint "${EndpointArn}" in status ${EndpointStatus}.`);
}
