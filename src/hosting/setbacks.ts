import { messageOf } from '../errors.js';
import type { Logger } from '../log.js';
import { type EngineWatch, isEngineAway, isUnwritten } from './engine-away.js';
import { BringUpError, failureReason, Superseded } from './failure-reason.js';
import type { Records } from './records.js';
import type { Retries } from './retries.js';
import type { Transitions } from './transitions.js';

export interface SetbackParts {
  readonly records: Records;
  readonly log: Logger;
  readonly engineWatch: EngineWatch;
  /** Takes known secrets out of what a person is told. */
  readonly mask: (text: string) => string;
  readonly retries: Retries;
  readonly transitions: Transitions;
  /** Has an endpoint looked at, at once. */
  readonly request: (endpointName: string) => void;
}

/** What becomes of an endpoint that could not be brought to where it should be. */
export class Setbacks {
  readonly #parts: SetbackParts;

  constructor(parts: SetbackParts) {
    this.#parts = parts;
  }

  /**
   * A new endpoint has failed, an update is rolled back, and what served before is tried again. An engine that is away
   * and a disk that is full say nothing about the endpoint, nor does a newer change to one that is being created, which
   * begins anew unseen: it stays as it is.
   *
   * @throws whatever the file system throws where that cannot be written
   */
  async failed(endpointName: string, error: unknown): Promise<void> {
    const { log, records, transitions, request, retries, mask } = this.#parts;
    if (this.#isWaitingForEngine(endpointName, error)) return;
    if (isUnwritten(error)) return this.lookAgain(endpointName, error);
    const record = records.endpoints.get(endpointName);
    const isCreating = record?.EndpointStatus === 'Creating';
    if (isCreating && error instanceof Superseded) return request(endpointName);
    const reason = failureReason(mask(messageOf(error)));
    log[error instanceof BringUpError ? 'warn' : 'error']({ endpointName, err: error }, reason);
    if (isCreating) {
      await transitions.move(record, 'Failed', { FailureReason: reason });
      request(endpointName);
    } else if (record?.EndpointStatus === 'Updating') {
      const rollingBack = await transitions.move(record, 'RollingBack', {
        pending: undefined,
        FailureReason: reason,
      });
      await transitions.move(rollingBack, 'InService', {});
      request(endpointName);
    } else {
      retries.plan(endpointName, reason);
    }
  }

  /** For what says nothing about the endpoint itself: it is tried again from the start. */
  lookAgain(endpointName: string, error: unknown): void {
    const { log, retries, mask } = this.#parts;
    if (this.#isWaitingForEngine(endpointName, error)) return;
    log.warn({ endpointName, err: error }, 'trying again later');
    retries.plan(endpointName, mask(messageOf(error)));
  }

  /** Whether it failed for want of an engine that will come back; the endpoint is looked at again when it has. */
  #isWaitingForEngine(endpointName: string, error: unknown): boolean {
    const { engineWatch, retries } = this.#parts;
    const back = isEngineAway(error) ? engineWatch.lost(error) : undefined;
    back?.then(
      () => retries.plan(endpointName, 'the container engine answers again'),
      () => undefined, // The daemon ends.
    );
    return back !== undefined;
  }
}
