import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { messageOf, SmlocalError } from '../errors.js';
import type { OnProgress } from '../progress.js';
import { createEngineClient, type EngineClient } from './engine-client.js';
import { statusOf } from './engine-errors.js';
import { isImageId, parseImageName } from './image-name.js';
import { PullRefused, readReport } from './pull.js';

/** An image on this machine. */
export interface LocalImage {
  /** `sha256:…`, which changes with anything in the image. */
  readonly id: string;
  /** For example `linux/amd64`. */
  readonly platform: string;
}

export interface PushRequest {
  /** The image's name or id on this machine. */
  readonly reference: string;
  /** Where it goes: `HOST/REPOSITORY`. */
  readonly repository: string;
  readonly tag: string;
  readonly username: string;
  readonly password: string;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

/** The images that are built here, on their way to a registry. */
export interface LocalImages {
  /** The image of this name, or undefined where the engine has none. @throws SmlocalError where no engine answers */
  find(reference: string): Promise<LocalImage | undefined>;
  /** Sends an image to a registry; layers that are there are not sent again. @throws SmlocalError with the registry's words */
  push(request: PushRequest): Promise<void>;
}

/** @param dockerHost the engine's URL; looked up like the docker command does where absent */
export function createLocalImages(dockerHost?: string): LocalImages {
  const engine = createEngineClient(dockerHost);
  return {
    find: (reference) => find(engine, reference),
    push: (request) => push(engine, request),
  };
}

/**
 * Whether a name is one of this machine's: it has no registry before it, or one that only this machine reaches. SageMaker
 * can pull neither.
 */
export function isLocalImage(reference: string): boolean {
  if (isImageId(reference)) return true;
  const registry = parseImageName(reference)?.registry;
  return registry === 'docker.io'
    ? !reference.startsWith('docker.io/')
    : registry !== undefined && /^(localhost|127\.0\.0\.1)(:\d+)?$/.test(registry);
}

/** The name under which an image of this machine goes to a registry: without host, tag and digest. */
export function repositoryNameOf(reference: string): string {
  const image = isImageId(reference) ? undefined : parseImageName(reference);
  if (image === undefined) return 'smlocal';
  return image.registry === 'docker.io'
    ? image.repository
    : image.repository.slice(image.registry.length + 1);
}

async function find(engine: EngineClient, reference: string): Promise<LocalImage | undefined> {
  try {
    const found = await engine.call((docker) => docker.getImage(reference).inspect());
    return { id: found.Id, platform: `${found.Os}/${found.Architecture}` };
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

async function push(engine: EngineClient, request: PushRequest): Promise<void> {
  const name = `${request.repository}:${request.tag}`;
  try {
    await engine.call((docker) => pushWith(docker, name, request));
    request.signal.throwIfAborted(); // a report that was cut off looks like one that ended
    // Another name of the image keeps it; its id alone does not.
    if (!isImageId(request.reference))
      await engine.call((docker) => docker.getImage(name).remove({ noprune: true }));
  } catch (error) {
    request.signal.throwIfAborted();
    if (!(error instanceof PullRefused) && statusOf(error) === undefined) throw error;
    throw new SmlocalError(
      `The image ${request.reference} could not be pushed to ${name}: ${messageOf(error)}`,
      {
        hint: 'Check that the AWS credentials may push to the repository, and type the same again: layers that have arrived are not sent twice.',
        cause: error,
      },
    );
  }
}

async function pushWith(docker: Docker, name: string, request: PushRequest): Promise<void> {
  const { reference, repository, tag, username, password, signal, onProgress } = request;
  await docker.getImage(reference).tag({ repo: repository, tag, abortSignal: signal });
  const authconfig = { username, password, serveraddress: repository.split('/')[0] ?? '' };
  const options = { authconfig, abortSignal: signal };
  const stream = (await docker.getImage(name).push(options)) as Readable;
  const abort = () => stream.destroy();
  signal.addEventListener('abort', abort, { once: true });
  try {
    if (signal.aborted) abort();
    const progress = new PushProgress(reference);
    await readReport<PushEvent>(stream, (event) => onProgress(progress.add(event)));
  } finally {
    signal.removeEventListener('abort', abort);
    stream.destroy();
  }
}

interface PushEvent {
  readonly id?: string;
  readonly status?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string };
}

/** Adds up the layers of a push. */
class PushProgress {
  readonly #image: string;
  readonly #layers = new Map<string, { done: number; total: number }>();

  constructor(image: string) {
    this.#image = image;
  }

  add({ id, status, progressDetail }: PushEvent) {
    const { current, total } = progressDetail ?? {};
    if (id !== undefined && status === 'Pushing' && current !== undefined && total)
      this.#layers.set(id, { done: Math.min(current, total), total });
    const known = id === undefined ? undefined : this.#layers.get(id);
    if (known !== undefined && status === 'Pushed') known.done = known.total;
    let [done, sum] = [0, 0];
    for (const layer of this.#layers.values()) {
      done += layer.done;
      sum += layer.total;
    }
    const activity = `pushing ${this.#image}`;
    return sum > 0 ? { activity, done, total: sum } : { activity };
  }
}
