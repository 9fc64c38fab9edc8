import type { Caller } from '../../hosting/arn.js';
import type { Collection } from '../../state/store.js';

/** An image of the local container engine. */
export interface EngineImage {
  /** `sha256:…` */
  readonly id: string;
  /** Every name that it has, with tag. */
  readonly names: readonly string[];
  /** `repository@sha256:…`, for each registry that it was pulled from or pushed to. */
  readonly digests: readonly string[];
  readonly bytes: number;
  readonly created: Date;
}

/** A repository as it is kept. Its images are those of the engine that have its name. */
export interface RepositoryRecord {
  readonly registryId: string;
  readonly region: string;
  readonly repositoryName: string;
  readonly createdAt: Date;
  readonly imageTagMutability: string;
  readonly imageScanningConfiguration?: { readonly scanOnPush?: boolean };
  readonly encryptionConfiguration?: { readonly encryptionType: string; readonly kmsKey?: string };
  readonly tags: readonly { readonly Key: string; readonly Value: string }[];
}

export interface EcrParts {
  readonly repositories: Collection<RepositoryRecord>;
  /** All images of the engine; none where none answers. */
  readonly images: () => Promise<readonly EngineImage[]>;
}

export interface EcrContext extends EcrParts {
  readonly caller: Caller;
  readonly now: Date;
}

/** One operation: its input has been checked against the service model; its output is serialised by it. */
export type EcrOperation<Input> = (
  input: Input,
  context: EcrContext,
) => Promise<object | undefined>;
