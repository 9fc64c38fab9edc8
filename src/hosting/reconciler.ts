import type { ObservedContainer } from '../containers/engine.js';
import { ENDPOINT_LABEL, STATE_LABEL } from '../containers/labels.js';
import { messageOf } from '../errors.js';
import type { Logger } from '../log.js';
import { STOP_GRACE_SECONDS } from './bring-up.js';
import { type EngineWatch, isEngineAway } from './engine-away.js';
import { describe, type ExecuteParts, executePlan } from './execute.js';
import { Superseded } from './failure-reason.js';
import type { ContainerWatch } from './instances.js';
import { makeRoom, needsRoom } from './make-room.js';
import { planEndpoint, type Step } from './plan.js';
import type { Deployment, EndpointRecord, Records } from './records.js';
import { Retiring } from './retire.js';
import { Retries } from './retries.js';
import { backendsOf, withoutBackend } from './route-table.js';
import { Setbacks } from './setbacks.js';
import { Transitions } from './transitions.js';

export interface ReconcilerParts extends ExecuteParts {
  readonly records: Records;
  readonly log: Logger;
  readonly engineWatch: EngineWatch;
  /** Takes known secrets out of what a person is told. */
  readonly mask: (text: string) => string;
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
  readonly #retries: Retries;
  readonly #retiring: Retiring;
  readonly #attempts = new Map<string, AbortController>();
  readonly #transitions: Transitions;
  readonly #setbacks: Setbacks;

  constructor(parts: ReconcilerParts) {
    this.#parts = parts;
    this.#retries = new Retries(
      (endpointName) => this.request(endpointName),
      (endpointName, text) => parts.events.emit('step', { endpointName, text }),
    );
    this.#retiring = new Retiring(parts, this.#stop.signal);
    this.#transitions = new Transitions(parts.records, parts.events);
    this.#setbacks = new Setbacks({
      ...parts,
      retries: this.#retries,
      transitions: this.#transitions,
      request: (endpointName) => this.request(endpointName),
    });
  }

  /** Asks for an endpoint to be looked at; returns at once. */
  request(endpointName: string): void {
    if (this.#stop.signal.aborted) return;
    this.#requested.add(endpointName);
    if (this.#loops.has(endpointName)) return;
    const loop = this.#loop(endpointName).finally(() => this.#loops.delete(endpointName));
    this.#loops.set(endpointName, loop);
  }

  /** Resolves when nothing is being done for an endpoint. */
  async idle(endpointName: string): Promise<void> {
    await this.#loops.get(endpointName);
  }

  /** Gives up what is being brought up for an endpoint, so that something newer can take its place at once. */
  abandon(endpointName: string): void {
    this.#attempts.get(endpointName)?.abort(new Superseded());
  }

  /** Ends every loop. Containers are left as they are. */
  async close(): Promise<void> {
    this.#stop.abort(new Error('smlocal is stopping'));
    this.#retries.close();
    await Promise.all(this.#loops.values());
    await this.#retiring.settled();
    await this.#parts.instances.closeAll();
  }

  async #loop(endpointName: string): Promise<void> {
    while (this.#requested.delete(endpointName) && !this.#stop.signal.aborted) {
      try {
        await this.#reconcile(endpointName);
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        // What cannot be written now is written when this is tried again.
        await this.#setbacks
          .failed(endpointName, error)
          .catch((cause: unknown) => this.#retries.plan(endpointName, messageOf(cause)));
      }
    }
  }

  async #reconcile(endpointName: string): Promise<void> {
    const { records, routes } = this.#parts;
    const record = records.endpoints.get(endpointName);
    const leaving = record === undefined || record.EndpointStatus === 'Deleting';
    if (leaving) routes.delete(endpointName);
    const observed = await this.#observe(endpointName);
    this.#takeStock(endpointName, observed);
    if (record !== undefined) await this.#serveMeanwhile(record, observed);
    const steps = planEndpoint(record, observed, this.#routed(endpointName));
    const release = record && (await this.#makeRoom(record));
    const deployed = record && (await this.#execute(record, steps).finally(release));
    const retired = this.#retire(endpointName, steps);
    if (leaving) await retired;
    else retired.catch((error: unknown) => this.#setbacks.lookAgain(endpointName, error));
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
        watch: this.#watchOf(EndpointName),
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

  /** What takes traffic against what the engine says: the ends that we were not told of, and the waits that were lost. */
  #takeStock(endpointName: string, observed: readonly ObservedContainer[]): void {
    const { engine, instances } = this.#parts;
    const running = new Set(observed.filter((one) => one.running).map(({ id }) => id));
    for (const id of this.#routed(endpointName)) {
      if (!running.has(id)) this.#letDrop(endpointName, id);
      const exited = () => engine.waitForExit(id, this.#stop.signal);
      instances.watchAgain(id, exited, this.#watchOf(endpointName));
    }
  }

  /** After a restart in the middle of an update: what served before it serves on while the successor comes up. */
  async #serveMeanwhile(
    record: EndpointRecord,
    observed: readonly ObservedContainer[],
  ): Promise<void> {
    const { EndpointName, deployment, pending } = record;
    if (deployment === undefined || pending === undefined || needsRoom(record)) return;
    if (this.#routed(EndpointName).size > 0) return;
    const before = { ...record, pending: undefined };
    const steps = planEndpoint(before, observed, new Set()).filter(({ kind }) => kind !== 'retire');
    if (steps.some(({ kind }) => kind === 'start' || kind === 'remove')) return;
    await this.#execute(before, steps).catch((error: unknown) => {
      if (isEngineAway(error) || this.#stop.signal.aborted) throw error;
      this.#parts.log.warn({ err: error, EndpointName }, 'what served before does not answer');
    });
  }

  #routed(endpointName: string): Set<string> {
    return new Set(
      backendsOf(this.#parts.routes.get(endpointName)).map(({ containerId }) => containerId),
    );
  }

  /** Lets go of containers; what goes wrong with one is for the next look at the endpoint. */
  async #retire(endpointName: string, steps: readonly Step[]): Promise<void> {
    const leaving = steps.filter((step) => step.kind === 'retire');
    await Promise.all(
      leaving.map((step) => {
        this.#parts.events.emit('step', { endpointName, text: describe(step) });
        return this.#retiring.letGo(step.container);
      }),
    );
  }

  async #deployed(record: EndpointRecord, deployment: Deployment): Promise<void> {
    if (record.pending) {
      const done = { deployment, pending: undefined, FailureReason: undefined };
      await this.#transitions.move(record, 'InService', done);
    } else {
      const { EndpointName: endpointName, EndpointStatus: status } = await this.#transitions.save(
        record,
        { deployment },
      );
      this.#parts.events.emit('status', { endpointName, status });
    }
  }

  async #deleted(record: EndpointRecord): Promise<void> {
    await this.#parts.records.endpoints.delete(record.EndpointName);
    this.#retries.forget(record.EndpointName);
    this.#parts.events.emit('status', { endpointName: record.EndpointName, status: 'Deleted' });
  }

  #watchOf(endpointName: string): ContainerWatch {
    return {
      onExit: (containerId) => {
        this.#letDrop(endpointName, containerId);
        this.#retries.plan(endpointName, `container ${containerId.slice(0, 12)} has stopped`);
      },
      onLost: (_containerId, reason) => {
        if (!this.#stop.signal.aborted) this.#setbacks.lookAgain(endpointName, reason);
      },
    };
  }

  /** Sends no more traffic to a container that has ended. */
  #letDrop(endpointName: string, containerId: string): void {
    const { instances, routes } = this.#parts;
    const route = routes.get(endpointName);
    if (route) routes.set(withoutBackend(route, containerId));
    instances
      .take(containerId)
      ?.close()
      .catch(() => undefined);
  }
}
