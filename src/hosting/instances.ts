import type { ExitStatus } from '../containers/engine.js';
import { Backend } from './backend.js';
import type { ReadyContainer } from './bring-up.js';
import type { InstanceKey } from './plan.js';

/** The containers that this process has seen ready, with its connections to each. */
export class Instances {
  readonly #backends = new Map<string, Backend>();

  /** Adds a ready container; `onExit` is called once should it end before it is taken out. */
  add(key: InstanceKey, container: ReadyContainer, onExit: (status: ExitStatus) => void): Backend {
    const id = idOf(key);
    const backend = new Backend(container.id, container.address);
    this.#backends.set(id, backend);
    container.exited.then(
      (status) => {
        if (this.#backends.get(id) === backend) onExit(status);
      },
      () => undefined, // The wait was aborted with the daemon: there is nobody left to tell.
    );
    return backend;
  }

  get(key: InstanceKey): Backend | undefined {
    return this.#backends.get(idOf(key));
  }

  /** Takes a container out; the caller closes the backend when its invocations have ended. */
  take(containerId: string): Backend | undefined {
    for (const [id, backend] of this.#backends) {
      if (backend.containerId !== containerId) continue;
      this.#backends.delete(id);
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
