import type { Logger } from '../../log.js';
import type { HostingEvents } from '../events.js';

interface Lost {
  requests: number;
  /** Why the last was, and what to type. */
  reason: string;
}

/** The requests that were to be captured and are not: counted by endpoint, and told when the reason is a new one. */
export class LostCaptures {
  readonly #events: HostingEvents;
  readonly #log: Logger;
  readonly #lost = new Map<string, Lost>();

  constructor({ events, log }: { readonly events: HostingEvents; readonly log: Logger }) {
    this.#events = events;
    this.#log = log;
  }

  add(endpointName: string, requests: number, reason: string): void {
    const lost = this.#lost.get(endpointName) ?? { requests: 0, reason: '' };
    this.#lost.set(endpointName, { requests: lost.requests + requests, reason });
    if (lost.reason === reason) return;
    const text = `data capture: ${reason}`;
    this.#log.warn({ endpointName }, text);
    this.#events.emit('notice', { endpointName, text });
  }

  /** What to say of an endpoint's; undefined where none were lost. */
  line(endpointName: string): string | undefined {
    const lost = this.#lost.get(endpointName);
    if (lost === undefined) return undefined;
    const what = lost.requests === 1 ? '1 request was' : `${lost.requests} requests were`;
    return `data capture: ${what} lost. ${lost.reason}`;
  }

  forget(endpointName: string): void {
    this.#lost.delete(endpointName);
  }
}
