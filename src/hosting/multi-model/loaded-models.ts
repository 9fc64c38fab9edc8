import { EventEmitter, once } from 'node:events';
import type { Artifacts } from '../../artifacts/artifacts.js';
import type { ModelData } from '../../artifacts/model-data.js';
import type { ModelShelf } from '../../artifacts/model-shelves.js';
import { messageOf, SmlocalError } from '../../errors.js';
import { LoadingFailed, NoSuchModel } from './failures.js';
import { idleOf, type Model, type ModelInUse } from './model.js';
import type { ModelApi } from './model-api.js';
import { archiveOf, modelId } from './target-model.js';
import { Unloading } from './unloading.js';

/** How long a model may take to be there, its archive's unpacking included (developer guide). */
const LOADING_LIMIT_MS = 360_000;

const ALREADY_LOADED = 409;
const NO_ROOM = 507;

export interface LoadedModelsParts {
  readonly api: ModelApi;
  readonly artifacts: Pick<Artifacts, 'versionOf' | 'directoryFor'>;
  readonly shelf: ModelShelf;
  /** `ModelDataUrl`: where the archives are. */
  readonly prefix: string;
  /** `ModelCacheSetting`: whether a model stays when nobody uses it. */
  readonly keeps: boolean;
  /** Whether an archive that has changed is loaded anew; SageMaker never looks again. */
  readonly follows: boolean;
  /** Told of what nobody waits for, in words. */
  readonly tell: (text: string) => void;
}

/**
 * The models of one multi-model container: loaded when they are first asked for, unloaded when the container has no room for
 * another, or, where they are not to be kept, when nobody uses them. Calls for one model share its loading, calls for others
 * load theirs beside it.
 */
export class LoadedModels {
  readonly api: ModelApi;
  readonly #parts: LoadedModelsParts;
  readonly #models = new Map<string, Model>();
  readonly #events = new EventEmitter().setMaxListeners(0);
  readonly #unloading: Unloading;
  #uses = 0;

  constructor(parts: LoadedModelsParts) {
    this.#parts = parts;
    this.api = parts.api;
    this.#unloading = new Unloading(parts.api, parts.shelf, () => this.#events.emit('changed'));
  }

  /**
   * Has a model loaded, and keeps it so until it is released. When `signal` aborts only the waiting ends.
   * @throws NoSuchModel, LoadingFailed, or what the connection to the container fails with
   */
  async use(target: string, signal: AbortSignal): Promise<ModelInUse> {
    for (;;) {
      const model = await this.#modelOf(target);
      // It may have gone since.
      if (model.state !== 'gone') return this.#hold(model, signal);
    }
  }

  /** As {@link use}, for a model of which the container says that it has it no more. */
  async useAgain(lost: ModelInUse, signal: AbortSignal): Promise<ModelInUse> {
    lost.release();
    const known = this.#models.get(lost.target);
    // Another call may have had it loaded again already.
    if (known?.id === lost.id && known.state === 'loaded') this.#letGo(known);
    return this.use(lost.target, signal);
  }

  async #modelOf(target: string): Promise<Model> {
    const { prefix, follows } = this.#parts;
    const known = this.#models.get(target);
    if (known !== undefined && !follows) return known;
    const data = archiveOf(prefix, target);
    if (data === undefined) throw new NoSuchModel(`${prefix}${target}`, 'It names no archive.');
    const version = await this.#versionOf(data, known);
    const now = this.#models.get(target);
    return now?.version === version ? now : this.#begin({ target, version, data, before: now });
  }

  /** What is loaded serves on where its archive has gone since. */
  async #versionOf(data: ModelData, known: Model | undefined): Promise<string> {
    try {
      return await this.#parts.artifacts.versionOf(data);
    } catch (error) {
      if (known !== undefined) return known.version;
      throw asNoSuchModel(data, error);
    }
  }

  async #hold(model: Model, signal: AbortSignal): Promise<ModelInUse> {
    model.users += 1;
    try {
      await unlessAborted(model.ready, signal);
    } catch (error) {
      const { previous } = model;
      this.#release(model);
      if (signal.aborted || previous === undefined || previous.state === 'gone') throw error;
      return this.#hold(previous, signal);
    }
    this.#uses += 1;
    model.usedAt = this.#uses;
    let held = true;
    const release = () => {
      if (held) this.#release(model);
      held = false;
    };
    return { target: model.target, id: model.id, isFresh: !model.wasThere, release };
  }

  #release(model: Model): void {
    model.users -= 1;
    if (model.users > 0) return;
    this.#events.emit('changed');
    this.#unloadUnkept(model);
  }

  /** Unloads what nobody uses and nobody will: an old version, or any where none is to be kept. */
  #unloadUnkept(model: Model): void {
    if (model.state !== 'loaded' || model.users > 0) return;
    const current = this.#models.get(model.target);
    if (current?.previous === model || (current === model && this.#parts.keeps)) return;
    void this.#unload(model);
  }

  #begin(wanted: { target: string; version: string; data: ModelData; before?: Model }): Model {
    const { target, version, data, before } = wanted;
    const previous = before?.state === 'loaded' ? before : before?.previous;
    const model: Model = {
      ...{ target, version, previous, id: modelId(target, version) },
      ...{ state: 'loading', wasThere: false, users: 0, usedAt: 0, ready: Promise.resolve() },
    };
    model.ready = this.#load(model, data).then(
      () => this.#loaded(model),
      (error: unknown) => this.#failed(model, error),
    );
    model.ready.catch(() => undefined); // Nobody may be waiting any more.
    this.#models.set(target, model);
    return model;
  }

  #loaded(model: Model): void {
    const { previous } = model;
    model.state = 'loaded';
    model.previous = undefined;
    if (previous !== undefined) this.#unloadUnkept(previous);
    this.#unloadUnkept(model);
    this.#events.emit('changed');
  }

  #failed(model: Model, error: unknown): never {
    const { previous, target, version } = model;
    const wasCurrent = this.#models.get(target) === model;
    this.#letGo(model);
    if (wasCurrent && previous?.state === 'loaded') {
      const why = messageOf(error);
      this.#parts.tell(`${target} has changed and cannot be loaded; the old one serves on: ${why}`);
      // Until it changes once more.
      previous.version = version;
      this.#models.set(target, previous);
    }
    this.#events.emit('changed');
    throw error;
  }

  async #load(model: Model, data: ModelData): Promise<void> {
    const { shelf } = this.#parts;
    const signal = AbortSignal.timeout(LOADING_LIMIT_MS);
    await this.#unloading.ended(model.id);
    try {
      await this.#show(model, data, signal);
      await this.#tellContainer(model, signal);
    } catch (error) {
      await shelf.take(model.id).catch(() => undefined);
      throw error;
    }
  }

  async #show({ id }: Model, data: ModelData, signal: AbortSignal): Promise<void> {
    const { artifacts, shelf } = this.#parts;
    try {
      await shelf.put(id, await artifacts.directoryFor(data, { signal }));
    } catch (error) {
      throw asNoSuchModel(data, error);
    }
  }

  async #tellContainer(model: Model, signal: AbortSignal): Promise<void> {
    for (;;) {
      const answer = await this.api.load(model.id, signal);
      model.wasThere = answer.statusCode === ALREADY_LOADED;
      if (model.wasThere || answer.statusCode < 300) return;
      const hasRoom = answer.statusCode === NO_ROOM && (await this.#makeRoom(model, signal));
      if (!hasRoom) throw new LoadingFailed(answer);
    }
  }

  /**
   * Unloads the model that has not been used for the longest time, or waits for one that is in use.
   * @returns false where there is neither
   */
  async #makeRoom(model: Model, signal: AbortSignal): Promise<boolean> {
    const oldest = idleOf(this.#others(model));
    if (oldest !== undefined) return this.#unload(oldest);
    const known = new Set([model, ...this.#others(model)].map(({ id }) => id));
    if (await this.#unloading.unloadOther(known)) return true;
    // One may have become idle meanwhile, of which nobody would tell any more.
    const others = this.#others(model);
    const idle = idleOf(others);
    if (idle !== undefined) return this.#unload(idle);
    const isBusy = others.some(({ state }) => state === 'loaded' || state === 'loading');
    if (!isBusy && !this.#unloading.isUnderWay) return false;
    model.state = 'waiting';
    await once(this.#events, 'changed', { signal });
    model.state = 'loading';
    return true;
  }

  #others(model: Model): Model[] {
    const all = [...this.#models.values()].flatMap((one) => [one, one.previous ?? []].flat());
    return all.filter((other) => other !== model);
  }

  #unload(model: Model): Promise<boolean> {
    this.#letGo(model);
    return this.#unloading.unload(model.id);
  }

  #letGo(model: Model): void {
    model.state = 'gone';
    if (this.#models.get(model.target) === model) this.#models.delete(model.target);
  }
}

function asNoSuchModel({ uri }: ModelData, error: unknown): unknown {
  return error instanceof SmlocalError ? new NoSuchModel(uri, error.message, error) : error;
}

function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
