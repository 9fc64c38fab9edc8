import type { EcrOperation, EcrParts, EngineImage, RepositoryRecord } from './context.js';
import { imageNotFound } from './errors.js';
import { pageOf } from './paging.js';
import { findRepository, registryHost } from './repositories.js';

/** An image of a repository, under all the tags that it has there. */
export interface RepositoryImage {
  readonly digest: string;
  readonly tags: readonly string[];
  readonly bytes: number;
  readonly created: Date;
}

interface ImageIdentifier {
  readonly imageDigest?: string;
  readonly imageTag?: string;
}

interface ImagesInput {
  readonly registryId?: string;
  readonly repositoryName: string;
  readonly imageIds?: readonly ImageIdentifier[];
  readonly filter?: { readonly tagStatus?: 'TAGGED' | 'UNTAGGED' | 'ANY' };
  readonly maxResults?: number;
  readonly nextToken?: string;
}

/** DescribeImages. Gaps: an image was pushed when it was built; there are none without a tag, and no scans. */
export const describeImages: EcrOperation<ImagesInput> = async (input, context) => {
  const repository = findRepository(input, context);
  const all = await imagesOf(repository, context);
  const wanted = input.imageIds?.map((id) => findImage(all, id, repository)) ?? tagged(all, input);
  const { page, nextToken } = pageOf([...new Set(wanted)], input);
  const { registryId, repositoryName } = repository;
  return {
    imageDetails: page.map(({ digest, tags, bytes, created }) => ({
      ...{ registryId, repositoryName, imageDigest: digest, imageTags: tags },
      ...{ imageSizeInBytes: bytes, imagePushedAt: created },
      imageManifestMediaType: 'application/vnd.docker.distribution.manifest.v2+json',
      artifactMediaType: 'application/vnd.docker.container.image.v1+json',
    })),
    nextToken,
  };
};

/** ListImages: an entry for every tag. Gaps: as of DescribeImages. */
export const listImages: EcrOperation<ImagesInput> = async (input, context) => {
  const all = tagged(await imagesOf(findRepository(input, context), context), input);
  const ids = all.flatMap(({ digest, tags }) =>
    tags.map((imageTag) => ({ imageDigest: digest, imageTag })),
  );
  const { page, nextToken } = pageOf(ids, input);
  return { imageIds: page, nextToken };
};

/** The engine's images that have a repository's name, by their digest. */
export async function imagesOf(
  repository: Pick<RepositoryRecord, 'registryId' | 'region' | 'repositoryName'>,
  { images }: EcrParts,
): Promise<RepositoryImage[]> {
  const { registryId, region, repositoryName } = repository;
  const name = `${registryHost(registryId, region)}/${repositoryName}`;
  const found = (await images()).flatMap((image) => {
    const tags = image.names.flatMap((one) => tagOf(one, name) ?? []).sort();
    if (tags.length === 0) return [];
    return [{ digest: digestOf(image, name), tags, bytes: image.bytes, created: image.created }];
  });
  return found.sort((a, b) => (a.digest < b.digest ? -1 : 1));
}

/** The tag of an image's name, where it is of that repository. */
function tagOf(imageName: string, repository: string): string | undefined {
  const at = imageName.lastIndexOf(':');
  return imageName.slice(0, at) === repository ? imageName.slice(at + 1) : undefined;
}

/** A registry's digest where the engine knows one, else the image's own id, which is one for its configuration. */
function digestOf({ id, digests }: EngineImage, repository: string): string {
  const known = digests.find((digest) => digest.startsWith(`${repository}@`));
  return known?.slice(repository.length + 1) ?? id;
}

function findImage(
  all: readonly RepositoryImage[],
  id: ImageIdentifier,
  repository: RepositoryRecord,
): RepositoryImage {
  const { imageDigest, imageTag } = id;
  const found = all.find(
    ({ digest, tags }) =>
      (imageDigest ?? imageTag) !== undefined &&
      (imageDigest === undefined || digest === imageDigest) &&
      (imageTag === undefined || tags.includes(imageTag)),
  );
  if (found === undefined) throw imageNotFound(repository, id);
  return found;
}

function tagged(
  all: readonly RepositoryImage[],
  { filter }: ImagesInput,
): readonly RepositoryImage[] {
  return filter?.tagStatus === 'UNTAGGED' ? [] : all;
}
