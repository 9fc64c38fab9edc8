import type { Address, ContainerSpec, ImageInfo } from '../containers/engine.js';

/**
 * What else goes into containers, beside what SageMaker puts there: the reload agent, while files are watched. Hosting
 * knows only that there may be something.
 */
export interface ContainerExtras {
  /** The spec with the extras in it. Called before each start. */
  prepare(spec: ContainerSpec, image: ImageInfo): Promise<ContainerSpec>;
  /**
   * Called when a container has passed its first ping; resolves when its workers can answer.
   * @returns why they cannot, where that is known
   */
  awaitWorkers(
    container: { readonly name: string; readonly address: Address },
    signal: AbortSignal,
  ): Promise<string | undefined>;
  /** Takes away what `prepare` made on the host for a container of this name, which is gone. */
  dispose(containerName: string): Promise<void>;
}

/** Containers as SageMaker has them. */
export const NO_EXTRAS: ContainerExtras = {
  prepare: async (spec) => spec,
  awaitWorkers: async () => undefined,
  dispose: async () => {},
};
