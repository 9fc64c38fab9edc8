import type { Artifacts } from '../artifacts/artifacts.js';
import type { ContainerEngine, ObservedContainer } from '../containers/engine.js';
import type { Logger } from '../log.js';
import { STOP_GRACE_SECONDS } from './bring-up.js';
import type { ContainerExtras } from './container-extras.js';
import type { Instances } from './instances.js';

/** An invocation lasts 60 s at most, so a container that is drained this long has none left. */
const DRAIN_LIMIT_MS = 61_000;

export interface RetiringParts {
  readonly engine: ContainerEngine;
  readonly instances: Instances;
  readonly extras: ContainerExtras;
  readonly artifacts: Pick<Artifacts, 'shelfOf'>;
  readonly log: Logger;
}

/** The containers that are on their way out. */
export class Retiring {
  readonly #parts: RetiringParts;
  readonly #stop: AbortSignal;
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(parts: RetiringParts, stop: AbortSignal) {
    this.#parts = parts;
    this.#stop = stop;
  }

  has(containerId: string): boolean {
    return this.#underWay.has(containerId);
  }

  /**
   * Lets go of a container: its invocations end, then it is stopped, then removed.
   * @throws where it is left behind, as the engine says; whoever looks next finds it again
   */
  letGo(container: ObservedContainer): Promise<void> {
    const { id } = container;
    const done = this.#drainAndRemove(container).finally(() => this.#underWay.delete(id));
    this.#underWay.set(id, done);
    done.catch(() => undefined); // Not everybody waits for it.
    return done;
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.#underWay.values());
  }

  async #drainAndRemove({ id: containerId, name }: ObservedContainer): Promise<void> {
    const { engine, instances, extras, artifacts, log } = this.#parts;
    const backend = instances.take(containerId);
    await backend?.drained(AbortSignal.any([this.#stop, AbortSignal.timeout(DRAIN_LIMIT_MS)]));
    await backend?.close();
    if (this.#stop.aborted) return;
    try {
      await engine.stop(containerId, STOP_GRACE_SECONDS);
      await engine.remove(containerId);
      await extras.dispose(name);
      await artifacts.shelfOf(name).remove();
    } catch (error) {
      log.warn({ containerId, err: error }, 'a container could not be removed yet');
      throw error;
    }
  }
}
