import type { ContainerEngine, ObservedContainer } from '../containers/engine.js';
import { ENDPOINT_LABEL } from '../containers/labels.js';
import type { SmlocalError } from '../errors.js';
import { isEngineAway } from '../hosting/engine-away.js';
import type { Reconciler } from '../hosting/reconciler.js';
import type { EndpointRecord, Records } from '../hosting/records.js';
import { resumeAfterRestart } from '../hosting/resume.js';
import type { RouteTable } from '../hosting/route-table.js';
import type { EngineHealth } from './engine-health.js';
import { ownContainers } from './own-containers.js';
import type { StateFolder } from './state-folder.js';

/** Longer than this no call lasts: what has not been found again by then is not waited for. */
const HOLD_LIMIT_MS = 60_000;

export interface ResumptionParts {
  readonly records: Records;
  readonly routes: RouteTable;
  readonly reconciler: Reconciler;
  readonly engine: ContainerEngine;
  readonly engineWatch: EngineHealth;
  readonly folder: StateFolder;
}

/** How a daemon goes on where an earlier one, stopped or killed, has left off. */
export class Resumption {
  readonly #parts: ResumptionParts;
  /** The endpoints that the earlier daemon has left; those made since need nothing of this. */
  readonly #left: readonly string[];
  readonly #releases = new Map<string, () => void>();
  #limit: NodeJS.Timeout | undefined;

  constructor(parts: ResumptionParts) {
    this.#parts = parts;
    this.#left = parts.records.endpoints.values().map(({ EndpointName }) => EndpointName);
  }

  /** Has the calls of endpoints that served wait until it is known whether their containers run still. */
  hold(signal: AbortSignal): void {
    const { records, routes, engineWatch } = this.#parts;
    engineWatch.attend(signal);
    for (const { EndpointName } of records.endpoints.values().filter(hasServed)) {
      this.#releases.set(EndpointName, routes.holdUntilRouted(EndpointName));
    }
    this.#limit = setTimeout(() => this.#releaseAll(), HOLD_LIMIT_MS);
    this.#limit.unref();
  }

  /** @param onWaiting told why no engine answers, each time that this begins */
  async resume(signal: AbortSignal, onWaiting: (reason: SmlocalError) => void): Promise<void> {
    try {
      await this.#resume(signal, onWaiting);
    } catch (error) {
      this.#releaseAll();
      throw error;
    }
  }

  async #resume(signal: AbortSignal, onWaiting: (reason: SmlocalError) => void): Promise<void> {
    const { records, reconciler, engineWatch } = this.#parts;
    let known = await this.#lookOnce();
    if (known === undefined) {
      // Nothing is known to answer, so nothing is said to.
      await resumeAfterRestart(records, this.#left, []);
      this.#releaseAll();
    }
    await engineWatch.begin(signal, onWaiting);
    known ??= await this.#look();
    await resumeAfterRestart(records, this.#left, known);
    const found = known.map(({ labels }) => labels[ENDPOINT_LABEL] ?? '');
    for (const name of new Set([...this.#left, ...found])) {
      reconciler.request(name);
      void reconciler.idle(name).then(() => this.#release(name));
    }
  }

  /** The containers; undefined where no engine answers at once. */
  async #lookOnce(): Promise<ObservedContainer[] | undefined> {
    try {
      return await this.#look();
    } catch (error) {
      if (isEngineAway(error)) return undefined;
      throw error;
    }
  }

  #look(): Promise<ObservedContainer[]> {
    return ownContainers(this.#parts.engine, this.#parts.folder.id);
  }

  #release(name: string): void {
    this.#releases.get(name)?.();
    this.#releases.delete(name);
    if (this.#releases.size === 0) clearTimeout(this.#limit);
  }

  #releaseAll(): void {
    for (const name of [...this.#releases.keys()]) this.#release(name);
  }
}

function hasServed({ EndpointStatus, deployment }: EndpointRecord): boolean {
  return deployment !== undefined && EndpointStatus !== 'Failed' && EndpointStatus !== 'Deleting';
}
