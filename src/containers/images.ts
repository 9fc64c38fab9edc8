import type { ImageInspectInfo } from 'dockerode';
import { SmlocalError } from '../errors.js';
import type { Logger } from '../log.js';
import { type CallerOptions, SharedWork } from '../shared-work.js';
import type { ImageInfo } from './engine.js';
import type { EngineClient } from './engine-client.js';
import { statusOf } from './engine-errors.js';
import { type ImageName, isImageId, parseImageName } from './image-name.js';
import { matchesPlatform, platformOf } from './platform.js';
import { PullRefused, pullImage } from './pull.js';
import { asPullError, asUnpulledError } from './pull-errors.js';
import { registryLogin } from './registry-login.js';

interface EnsureOptions extends CallerOptions {
  readonly platform?: string;
}

/** Finds images on this machine, and pulls those that are not there. */
export interface Images {
  ensure(reference: string, options?: EnsureOptions): Promise<ImageInfo>;
}

export function createImages(engine: EngineClient, log: Logger): Images {
  const pulls = new SharedWork<void>();
  return {
    async ensure(reference, options = {}) {
      options.signal?.throwIfAborted();
      const image = parseReference(reference);
      const local = await inspect(engine, reference);
      if (local !== undefined && matchesPlatform(local, options.platform)) {
        return imageInfo(image, local);
      }
      const { platform } = options;
      await pulls.run(`${reference} ${platform ?? ''}`, options, (signal, onProgress) =>
        pull({ engine, log, image, local, platform, signal, onProgress }),
      );
      return imageInfo(image, await inspectPulled(engine, image, platform));
    },
  };
}

function parseReference(reference: string): ImageName {
  if (isImageId(reference)) return { reference, registry: '', repository: 'image' };
  const image = parseImageName(reference);
  if (image !== undefined) return image;
  throw new SmlocalError(`${JSON.stringify(reference)} is not the name of a container image.`, {
    hint: 'An image is written as `name:tag` or `registry.example.com/name:tag`, the name in lower case.',
  });
}

async function inspect(
  engine: EngineClient,
  reference: string,
): Promise<ImageInspectInfo | undefined> {
  try {
    return await engine.ask((docker) => docker.getImage(reference).inspect());
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

interface Pull extends Required<Pick<CallerOptions, 'signal' | 'onProgress'>> {
  readonly engine: EngineClient;
  readonly log: Logger;
  readonly image: ImageName;
  /** What is here under that name, for another platform. */
  readonly local: ImageInspectInfo | undefined;
  readonly platform: string | undefined;
}

async function pull({ engine, log, local, ...request }: Pull): Promise<void> {
  const { image, signal, onProgress, platform } = request;
  if (isImageId(image.reference)) throw asUnpulledError(image.reference);
  onProgress({ activity: `pulling ${image.reference}` });
  log.info({ image: image.reference, platform }, 'pulling an image that is not on this machine');
  const { credentials, refusal } = await registryLogin(image.registry, signal);
  try {
    await pullImage(engine, { ...request, credentials });
  } catch (error) {
    signal.throwIfAborted();
    const localPlatform = local && platformOf(local);
    throw asPullError(error, { image, platform, loginRefusal: refusal, localPlatform });
  }
}

/** A registry that knows one platform only gives that out whatever was asked for. */
async function inspectPulled(
  engine: EngineClient,
  image: ImageName,
  platform: string | undefined,
): Promise<ImageInspectInfo> {
  const pulled = await inspect(engine, image.reference);
  if (pulled !== undefined && matchesPlatform(pulled, platform)) return pulled;
  const localPlatform = pulled && platformOf(pulled);
  const error = new PullRefused(pulled ? 'no matching manifest' : 'not found after the pull');
  throw asPullError(error, { image, platform, localPlatform });
}

function imageInfo(image: ImageName, found: ImageInspectInfo): ImageInfo {
  // An image has a digest for each repository that it was pulled from or pushed to.
  const digest = found.RepoDigests?.find((known) => known.startsWith(`${image.repository}@`));
  return {
    reference: image.reference,
    id: found.Id,
    resolved: digest ?? `${image.repository}@${found.Id}`,
    labels: found.Config?.Labels ?? {},
    environment: environmentOf(found.Config?.Env ?? []),
    architecture: found.Architecture,
  };
}

function environmentOf(entries: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    entries.map((entry) => {
      const end = entry.indexOf('=');
      return end === -1 ? [entry, ''] : [entry.slice(0, end), entry.slice(end + 1)];
    }),
  );
}
