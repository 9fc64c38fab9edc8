import type { HostingEvents } from './events.js';
import type { EndpointRecord, Records } from './records.js';

/**
 * Waits until nothing is being done with an endpoint.
 * @returns its record then; undefined where it is gone
 * @throws the signal's reason when it aborts
 */
export async function settled(
  records: Records,
  events: HostingEvents,
  endpointName: string,
  signal: AbortSignal,
): Promise<EndpointRecord | undefined> {
  for (;;) {
    signal.throwIfAborted();
    const record = records.endpoints.get(endpointName);
    if (record === undefined || ['InService', 'Failed'].includes(record.EndpointStatus))
      return record;
    await nextStatus(events, signal);
  }
}

function nextStatus(events: HostingEvents, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      events.off('status', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    events.on('status', done);
    signal.addEventListener('abort', done);
  });
}
