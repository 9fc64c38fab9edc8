import type { EcrParts } from './context.js';
import { repositoryNotFound } from './errors.js';
import { imagesOf, type RepositoryImage } from './images.js';
import { repositoryAt } from './repositories.js';

/** Where a push goes, as the image's name says. */
export interface PushTarget {
  readonly registryId: string;
  readonly region: string;
  readonly repositoryName: string;
  /** All tags where absent. */
  readonly tag?: string;
}

/** What a push finds: the images that are then in the repository, or why they may not be. */
export type PushOutcome =
  | { readonly images: readonly RepositoryImage[] }
  | { readonly refusal: string };

/**
 * Takes a push: what the engine has under a repository's name is in the repository, so there is nothing to send. It is refused
 * where there is no such repository, in ECR's words. No images where the engine has none of that name.
 */
export async function acceptPush(target: PushTarget, parts: EcrParts): Promise<PushOutcome> {
  if (repositoryAt(target, parts) === undefined) {
    return { refusal: `name unknown: ${repositoryNotFound(target).message}` };
  }
  const all = await imagesOf(target, parts);
  const { tag } = target;
  return { images: tag === undefined ? all : all.filter(({ tags }) => tags.includes(tag)) };
}
