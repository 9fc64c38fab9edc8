import { ServiceError } from '../../errors.js';

/* The texts are the service's own, as its clients' issues quote them. */

interface Named {
  readonly registryId: string;
  readonly repositoryName: string;
}

export function repositoryNotFound({ registryId, repositoryName }: Named): ServiceError {
  return new ServiceError(
    'RepositoryNotFoundException',
    400,
    `The repository with name '${repositoryName}' does not exist in the registry with id '${registryId}'`,
  );
}

export function repositoryExists({ registryId, repositoryName }: Named): ServiceError {
  return new ServiceError(
    'RepositoryAlreadyExistsException',
    400,
    `The repository with name '${repositoryName}' already exists in the registry with id '${registryId}'`,
  );
}

export function repositoryNotEmpty({ registryId, repositoryName }: Named): ServiceError {
  return new ServiceError(
    'RepositoryNotEmptyException',
    400,
    `The repository with name '${repositoryName}' in registry with id '${registryId}' cannot be deleted because it still contains images`,
  );
}

export function imageNotFound(
  { registryId, repositoryName }: Named,
  { imageDigest, imageTag }: { readonly imageDigest?: string; readonly imageTag?: string },
): ServiceError {
  return new ServiceError(
    'ImageNotFoundException',
    400,
    `The image with imageId {imageDigest:'${imageDigest ?? 'null'}', imageTag:'${imageTag ?? 'null'}'} does not exist within the repository with name '${repositoryName}' in the registry with id '${registryId}'`,
  );
}

export function invalidParameter(message: string): ServiceError {
  return new ServiceError('InvalidParameterException', 400, message);
}
