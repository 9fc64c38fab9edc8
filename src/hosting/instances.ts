import type { ExitStatus } from '../containers/engine.js';
import { Backend } from './backend.js';
import type { ReadyContainer } from './bring-up.js';
import type { InstanceKey } from './plan.js';

/** Told of a container, once, while it is among the instances. */
export interface ContainerWatch {
  /** It has ended. */
  onExit(containerId: string, status: ExitStatus): void;
  /** Nobody can say any more whether it runs: the engine has let go of us. */
  onLost(containerId: string, reason: unknown): void;
}

/** The containers that this process has seen ready, with its connections to each. */
export class Instances {
  readonly #backends = new Map<string, Backend>();
  /** Those of whose end nobody would tell us. */
  readonly #unwatched = new Set<string>();

  /** Adds a ready container. */
  add(key: InstanceKey, container: ReadyContainer, watch: ContainerWatch): Backend {
    const backend = new Backend(container.id, container.address);
    this.#backends.set(idOf(key), backend);
    this.#watch(backend, container.exited, watch);
    return backend;
  }

  /** Waits for a container's end once more, where that was lost; `exited` is called only then. */
  watchAgain(containerId: string, exited: () => Promise<ExitStatus>, watch: ContainerWatch): void {
    const backend = [...this.#backends.values()].find((one) => one.containerId === containerId);
    if (backend === undefined || !this.#unwatched.delete(containerId)) return;
    this.#watch(backend, exited(), watch);
  }

  #watch(backend: Backend, exited: Promise<ExitStatus>, watch: ContainerWatch): void {
    const { containerId } = backend;
    const isCurrent = () => [...this.#backends.values()].includes(backend);
    exited.then(
      (status) => {
        if (isCurrent()) watch.onExit(containerId, status);
      },
      (reason: unknown) => {
        if (!isCurrent()) return;
        this.#unwatched.add(containerId);
        watch.onLost(containerId, reason);
      },
    );
  }

  get(key: InstanceKey): Backend | undefined {
    return this.#backends.get(idOf(key));
  }

  /** Takes a container out; the caller closes the backend when its invocations have ended. */
  take(containerId: string): Backend | undefined {
    for (const [id, backend] of this.#backends) {
      if (backend.containerId !== containerId) continue;
      this.#backends.delete(id);
      this.#unwatched.delete(containerId);
      return backend;
    }
    return undefined;
  }

  async closeAll(): Promise<void> {
    const backends = [...this.#backends.values()];
    this.#backends.clear();
    await Promise.all(backends.map((backend) => backend.close()));
  }
}

function idOf({ deploymentId, variantName, instance }: InstanceKey): string {
  return `${deploymentId}/${variantName}/${instance}`;
}
