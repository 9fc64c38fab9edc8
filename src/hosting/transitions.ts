import type { EndpointStatus } from '@aws-sdk/client-sagemaker';
import type { HostingEvents } from './events.js';
import type { EndpointRecord, Records } from './records.js';
import { mayBecome } from './status.js';

/** Writes what becomes of endpoints, and tells. */
export class Transitions {
  readonly #endpoints: Records['endpoints'];
  readonly #events: HostingEvents;

  constructor({ endpoints }: Records, events: HostingEvents) {
    this.#endpoints = endpoints;
    this.#events = events;
  }

  /** Moves an endpoint to another state. A move that DescribeEndpoint may never show is a bug. */
  async move(
    record: EndpointRecord,
    status: EndpointStatus,
    change: Partial<EndpointRecord>,
  ): Promise<EndpointRecord> {
    const { EndpointName: endpointName, EndpointStatus: from } = record;
    if (!mayBecome(from, status)) {
      throw new Error(`${endpointName} may not go from ${from} to ${status}`);
    }
    const LastModifiedTime = new Date();
    const next = await this.save(record, { ...change, EndpointStatus: status, LastModifiedTime });
    this.#events.emit('status', { endpointName, status, reason: next.FailureReason });
    return next;
  }

  /** Writes a change over the newest record, for its tags may have changed while containers came up. */
  async save(record: EndpointRecord, change: Partial<EndpointRecord>): Promise<EndpointRecord> {
    const next = { ...(this.#endpoints.get(record.EndpointName) ?? record), ...change };
    await this.#endpoints.put(record.EndpointName, next);
    return next;
  }
}
