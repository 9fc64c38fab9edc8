import { Backoff } from './backoff.js';

/** When endpoints are looked at again that could not be brought to where they should be. */
export class Retries {
  readonly #request: (endpointName: string) => void;
  readonly #onPlanned: (endpointName: string, text: string) => void;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #backoff = new Backoff();
  #closed = false;

  /**
   * @param request has an endpoint looked at
   * @param onPlanned told in words when that will be, and why
   */
  constructor(
    request: (endpointName: string) => void,
    onPlanned: (endpointName: string, text: string) => void,
  ) {
    this.#request = request;
    this.#onPlanned = onPlanned;
  }

  /** Looks at the endpoint again after a pause that grows while it keeps failing. */
  plan(endpointName: string, cause: string): void {
    if (this.#closed || this.#timers.has(endpointName)) return;
    const delay = this.#backoff.next(endpointName, Date.now());
    const when = delay === 0 ? 'now' : `in ${delay / 1000} s`;
    this.#onPlanned(endpointName, `trying again ${when}: ${cause}`);
    const timer = setTimeout(() => {
      this.#timers.delete(endpointName);
      this.#request(endpointName);
    }, delay);
    this.#timers.set(endpointName, timer);
  }

  forget(endpointName: string): void {
    this.#backoff.forget(endpointName);
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }
}
