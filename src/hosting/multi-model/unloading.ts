import type { ModelShelf } from '../../artifacts/model-shelves.js';
import type { ModelApi } from './model-api.js';

const NOT_LOADED = 404;

/** Takes models out of a container, and what it saw of them with them. */
export class Unloading {
  readonly #underWay = new Map<string, Promise<boolean>>();

  constructor(
    private readonly api: ModelApi,
    private readonly shelf: ModelShelf,
    private readonly onEnd: () => void,
  ) {}

  get isUnderWay(): boolean {
    return this.#underWay.size > 0;
  }

  /** Resolves when this model may be loaded again. */
  async ended(id: string): Promise<void> {
    await this.#underWay.get(id);
  }

  /** @returns whether the container has it no more */
  unload(id: string): Promise<boolean> {
    const done = this.#ask(id).finally(() => {
      this.#underWay.delete(id);
      this.onEnd();
    });
    this.#underWay.set(id, done);
    return done;
  }

  /** Unloads a model that is none of these: one from before the daemon's restart, for which nobody has asked since. */
  async unloadOther(known: ReadonlySet<string>): Promise<boolean> {
    const other = (await this.api.list()).find((id) => !known.has(id) && !this.#underWay.has(id));
    return other !== undefined && this.unload(other);
  }

  async #ask(id: string): Promise<boolean> {
    try {
      const { statusCode } = await this.api.unload(id);
      if (statusCode >= 300 && statusCode !== NOT_LOADED) return false;
      await this.shelf.take(id);
      return true;
    } catch {
      return false; // The container has gone, and its models with it.
    }
  }
}
