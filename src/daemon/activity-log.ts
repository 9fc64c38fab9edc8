import type { HostingEvents } from '../hosting/events.js';

/** What is being done for each endpoint now, in a line: the newest step or progress since it last settled. */
export class ActivityLog {
  readonly #lines = new Map<string, string>();

  constructor(events: HostingEvents) {
    events.on('step', ({ endpointName, text }) => this.#lines.set(endpointName, text));
    events.on('progress', ({ endpointName, progress }) =>
      this.#lines.set(endpointName, progress.activity),
    );
    events.on('status', ({ endpointName }) => this.#lines.delete(endpointName));
  }

  of(endpointName: string): string | undefined {
    return this.#lines.get(endpointName);
  }
}
