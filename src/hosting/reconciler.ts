import type { ObservedContainer } from '../containers/engine.js';
import { ENDPOINT_LABEL, STATE_LABEL } from '../containers/labels.js';
import { messageOf } from '../errors.js';
import type { Logger } from '../log.js';
import { Backoff } from './backoff.js';
import { STOP_GRACE_SECONDS } from './bring-up.js';
import { describe, type ExecuteParts, executePlan } from './execute.js';
import { BringUpError, failureReason } from './failure-reason.js';
import { makeRoom, needsRoom } from './make-room.js';
import { planEndpoint, type Step } from './plan.js';
import type { Deployment, EndpointRecord, Records } from './records.js';
import { backendsOf, withoutBackend } from './route-table.js';
import { Transitions } from './transitions.js';

/** An invocation lasts 60 s at most, so a container that is drained this long has none left. */
const DRAIN_LIMIT_MS = 61_000;

export interface ReconcilerParts extends ExecuteParts {
  readonly records: Records;
  readonly log: Logger;
}

/**
 * Makes the containers agree with the records. One loop an endpoint: whatever is asked while it works is done when it has
 * finished, once, from the record as it is then.
 */
export class Reconciler {
  readonly #parts: ReconcilerParts;
  readonly #stop = new AbortController();
  readonly #loops = new Map<string, Promise<void>>();
  readonly #requested = new Set<string>();
  readonly #retries = new Map<string, NodeJS.Timeout>();
  readonly #retiring = new Map<string, Promise<void>>();
  readonly #attempts = new Map<string, AbortController>();
  readonly #backoff = new Backoff();
  readonly #transitions: Transitions;

  constructor(parts: ReconcilerParts) {
    this.#parts = parts;
    this.#transitions = new Transitions(parts.records, parts.events);
  }

  /** Asks for an endpoint to be looked at; returns at once. */
  request(endpointName: string): void {
    if (this.#stop.signal.aborted) return;
    this.#requested.add(endpointName);
    if (this.#loops.has(endpointName)) return;
    const loop = this.#loop(endpointName).finally(() => this.#loops.delete(endpointName));
    this.#loops.set(endpointName, loop);
  }

  /** Gives up what is being brought up for an endpoint, so that something newer can take its place at once. */
  abandon(endpointName: string, reason: string): void {
    this.#attempts.get(endpointName)?.abort(new BringUpError(reason));
  }

  /** Ends every loop. Containers are left as they are. */
  async close(): Promise<void> {
    this.#stop.abort(new Error('smlocal is stopping'));
    for (const timer of this.#retries.values()) clearTimeout(timer);
    await Promise.all([...this.#loops.values(), ...this.#retiring.values()]);
    await this.#parts.instances.closeAll();
  }

  async #loop(endpointName: string): Promise<void> {
    while (this.#requested.delete(endpointName) && !this.#stop.signal.aborted) {
      try {
        await this.#reconcile(endpointName);
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        await this.#failed(endpointName, error);
      }
    }
  }

  async #reconcile(endpointName: string): Promise<void> {
    const { records, routes } = this.#parts;
    const record = records.endpoints.get(endpointName);
    const leaving = record === undefined || record.EndpointStatus === 'Deleting';
    if (leaving) routes.delete(endpointName);
    const steps = planEndpoint(
      record,
      await this.#observe(endpointName),
      this.#routed(endpointName),
    );
    const release = record && (await this.#makeRoom(record));
    const deployed = record && (await this.#execute(record, steps).finally(release));
    const retired = this.#retire(endpointName, steps);
    if (leaving) await retired;
    if (record?.EndpointStatus === 'Deleting') await this.#deleted(record);
    else if (record && deployed) await this.#deployed(record, deployed);
  }

  /** For what is too big to be held twice: what serves goes first, and its calls wait. */
  async #makeRoom(record: EndpointRecord): Promise<(() => void) | undefined> {
    const { EndpointName } = record;
    const { engine, events, instances, routes } = this.#parts;
    if (!needsRoom(record)) return undefined;
    return makeRoom({
      hold: () => routes.hold(EndpointName),
      backends: backendsOf(routes.get(EndpointName)),
      stop: async (backend) => {
        const text = `stopping ${backend.containerId.slice(0, 12)}: reload: restart, its successor needs the room`;
        events.emit('step', { endpointName: EndpointName, text });
        // Out of the instances first: its end is then no death.
        await instances.take(backend.containerId)?.close();
        await engine.stop(backend.containerId, STOP_GRACE_SECONDS);
      },
      signal: this.#stop.signal,
    });
  }

  async #execute(record: EndpointRecord, steps: readonly Step[]): Promise<Deployment | undefined> {
    const { EndpointName } = record;
    const attempt = new AbortController();
    this.#attempts.set(EndpointName, attempt);
    try {
      const context = {
        record,
        signal: AbortSignal.any([this.#stop.signal, attempt.signal]),
        onContainerExit: (containerId: string) => this.#containerDied(EndpointName, containerId),
      };
      return await executePlan(this.#parts, context, steps);
    } finally {
      this.#attempts.delete(EndpointName);
    }
  }

  /** The endpoint's containers, but for those that are on their way out already. */
  async #observe(endpointName: string): Promise<ObservedContainer[]> {
    const { engine, settings } = this.#parts;
    const labels = { [STATE_LABEL]: settings.stateId, [ENDPOINT_LABEL]: endpointName };
    const containers = await engine.list(labels);
    return containers.filter(({ id }) => !this.#retiring.has(id));
  }

  #routed(endpointName: string): Set<string> {
    return new Set(
      backendsOf(this.#parts.routes.get(endpointName)).map(({ containerId }) => containerId),
    );
  }

  /** Lets go of containers: their invocations end, then they stop, then they are removed. */
  async #retire(endpointName: string, steps: readonly Step[]): Promise<void> {
    const leaving = steps.filter((step) => step.kind === 'retire');
    await Promise.all(
      leaving.map((step) => {
        const { id } = step.container;
        this.#parts.events.emit('step', { endpointName, text: describe(step) });
        const done = this.#drainAndRemove(step.container).finally(() => this.#retiring.delete(id));
        this.#retiring.set(id, done);
        return done;
      }),
    );
  }

  async #drainAndRemove({ id: containerId, name }: ObservedContainer): Promise<void> {
    const { engine, instances, extras, log } = this.#parts;
    const backend = instances.take(containerId);
    await backend?.drained(
      AbortSignal.any([this.#stop.signal, AbortSignal.timeout(DRAIN_LIMIT_MS)]),
    );
    await backend?.close();
    if (this.#stop.signal.aborted) return;
    try {
      await engine.stop(containerId, STOP_GRACE_SECONDS);
      await engine.remove(containerId);
      await extras.dispose(name);
    } catch (error) {
      log.error({ containerId, err: error }, 'a container could not be removed');
    }
  }

  async #deployed(record: EndpointRecord, deployment: Deployment): Promise<void> {
    if (record.pending) {
      const done = { deployment, pending: undefined, FailureReason: undefined };
      await this.#transitions.move(record, 'InService', done);
    } else {
      await this.#transitions.save(record, { deployment });
    }
  }

  async #deleted(record: EndpointRecord): Promise<void> {
    await this.#parts.records.endpoints.delete(record.EndpointName);
    this.#backoff.forget(record.EndpointName);
    this.#parts.events.emit('status', { endpointName: record.EndpointName, status: 'Deleted' });
  }

  async #failed(endpointName: string, error: unknown): Promise<void> {
    const { log, records } = this.#parts;
    const reason = failureReason(messageOf(error));
    log[error instanceof BringUpError ? 'warn' : 'error']({ endpointName, err: error }, reason);
    const record = records.endpoints.get(endpointName);
    if (record?.EndpointStatus === 'Creating') {
      await this.#transitions.move(record, 'Failed', { FailureReason: reason });
      this.request(endpointName);
    } else if (record?.EndpointStatus === 'Updating') {
      const rollingBack = await this.#transitions.move(record, 'RollingBack', {
        pending: undefined,
        FailureReason: reason,
      });
      await this.#transitions.move(rollingBack, 'InService', {});
      this.request(endpointName);
    } else {
      this.#retry(endpointName, reason);
    }
  }

  #containerDied(endpointName: string, containerId: string): void {
    const { instances, routes } = this.#parts;
    const route = routes.get(endpointName);
    if (route) routes.set(withoutBackend(route, containerId));
    instances
      .take(containerId)
      ?.close()
      .catch(() => undefined);
    this.#retry(endpointName, `container ${containerId.slice(0, 12)} has stopped`);
  }

  /** Looks at the endpoint again after a pause that grows while it keeps failing. */
  #retry(endpointName: string, cause: string): void {
    if (this.#stop.signal.aborted || this.#retries.has(endpointName)) return;
    const delay = this.#backoff.next(endpointName, Date.now());
    const when = delay === 0 ? 'now' : `in ${delay / 1000} s`;
    this.#parts.events.emit('step', { endpointName, text: `trying again ${when}: ${cause}` });
    const timer = setTimeout(() => {
      this.#retries.delete(endpointName);
      this.request(endpointName);
    }, delay);
    this.#retries.set(endpointName, timer);
  }
}
