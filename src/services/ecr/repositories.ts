import { randomBytes } from 'node:crypto';
import { partitionOf } from '../../hosting/arn.js';
import type { EcrContext, EcrOperation, EcrParts, RepositoryRecord } from './context.js';
import {
  invalidParameter,
  repositoryExists,
  repositoryNotEmpty,
  repositoryNotFound,
} from './errors.js';
import { imagesOf } from './images.js';
import { pageOf } from './paging.js';

/** How long the service's tokens are good for (API reference). */
const TOKEN_MS = 12 * 3_600_000;

/** The host of an account's registry, as AWS names it. */
export function registryHost(registryId: string, region: string): string {
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return `${registryId}.dkr.ecr.${region}.${domain}`;
}

/** GetAuthorizationToken. Gaps: the password is looked at by nobody; whoever reaches the engine may push and pull. */
export const getAuthorizationToken: EcrOperation<{ registryIds?: readonly string[] }> = async (
  { registryIds },
  { caller, now },
) => ({
  authorizationData: (registryIds ?? [caller.accountId]).map((registryId) => ({
    authorizationToken: Buffer.from(`AWS:${randomBytes(48).toString('base64')}`).toString('base64'),
    expiresAt: new Date(now.getTime() + TOKEN_MS),
    proxyEndpoint: `https://${registryHost(registryId, caller.region)}`,
  })),
});

interface RepositoryNamed {
  readonly registryId?: string;
  readonly repositoryName: string;
}

interface CreateRepositoryInput extends RepositoryNamed {
  readonly imageTagMutability?: string;
  readonly imageScanningConfiguration?: RepositoryRecord['imageScanningConfiguration'];
  readonly encryptionConfiguration?: RepositoryRecord['encryptionConfiguration'];
  readonly tags?: RepositoryRecord['tags'];
}

/** CreateRepository. Gaps: immutable tags, scans and keys are kept and shown, without effect. */
export const createRepository: EcrOperation<CreateRepositoryInput> = async (input, context) => {
  const { caller, repositories, now } = context;
  const record: RepositoryRecord = {
    registryId: input.registryId ?? caller.accountId,
    region: caller.region,
    repositoryName: input.repositoryName,
    createdAt: now,
    imageTagMutability: input.imageTagMutability ?? 'MUTABLE',
    imageScanningConfiguration: input.imageScanningConfiguration ?? { scanOnPush: false },
    encryptionConfiguration: input.encryptionConfiguration ?? { encryptionType: 'AES256' },
    tags: input.tags ?? [],
  };
  const key = keyOf(record);
  if (repositories.get(key) !== undefined) throw repositoryExists(record);
  await repositories.put(key, record);
  return { repository: shown(record) };
};

interface DescribeRepositoriesInput {
  readonly registryId?: string;
  readonly repositoryNames?: readonly string[];
  readonly nextToken?: string;
  readonly maxResults?: number;
}

/** DescribeRepositories. Gaps: none known. */
export const describeRepositories: EcrOperation<DescribeRepositoriesInput> = async (
  input,
  context,
) => {
  const { registryId, repositoryNames } = input;
  const wanted = repositoryNames?.map((repositoryName) =>
    findRepository({ registryId, repositoryName }, context),
  );
  const all = wanted ?? repositoriesOf(registryId ?? context.caller.accountId, context);
  const { page, nextToken } = pageOf(all, input);
  return { repositories: page.map(shown), nextToken };
};

/** DeleteRepository. Gaps: the engine keeps the images under their names, so a repository made again has them again. */
export const deleteRepository: EcrOperation<RepositoryNamed & { force?: boolean }> = async (
  input,
  context,
) => {
  const record = findRepository(input, context);
  if (!input.force && (await imagesOf(record, context)).length > 0)
    throw repositoryNotEmpty(record);
  await context.repositories.delete(keyOf(record));
  return { repository: shown(record) };
};

const ARN = /^arn:[^:]+:ecr:([^:]+):(\d{12}):repository\/(.+)$/;

/** ListTagsForResource. Gaps: tags are those of CreateRepository. */
export const listTagsForResource: EcrOperation<{ resourceArn: string }> = async (
  { resourceArn },
  { repositories },
) => {
  const [, region = '', registryId = '', repositoryName = ''] = ARN.exec(resourceArn) ?? [];
  if (repositoryName === '')
    throw invalidParameter(`Invalid parameter at 'resourceArn': ${resourceArn}`);
  const found = repositories.get(keyOf({ region, registryId, repositoryName }));
  if (found === undefined) throw repositoryNotFound({ registryId, repositoryName });
  return { tags: found.tags };
};

/** The repository of a request, in its caller's account where it names none. @throws ServiceError */
export function findRepository(
  { registryId, repositoryName }: RepositoryNamed,
  { caller, repositories }: EcrContext,
): RepositoryRecord {
  const named = { registryId: registryId ?? caller.accountId, repositoryName };
  const found = repositories.get(keyOf({ ...named, region: caller.region }));
  if (found === undefined) throw repositoryNotFound(named);
  return found;
}

/** The repository that a registry's host and path name; undefined where there is none. */
export function repositoryAt(
  at: Pick<RepositoryRecord, 'registryId' | 'region' | 'repositoryName'>,
  { repositories }: EcrParts,
): RepositoryRecord | undefined {
  return repositories.get(keyOf(at));
}

function repositoriesOf(registryId: string, { caller, repositories }: EcrContext) {
  return repositories
    .values()
    .filter((one) => one.registryId === registryId && one.region === caller.region)
    .sort((a, b) => (a.repositoryName < b.repositoryName ? -1 : 1));
}

type Place = Pick<RepositoryRecord, 'registryId' | 'region' | 'repositoryName'>;

function keyOf({ registryId, region, repositoryName }: Place): string {
  return `${registryId}.${region}.${repositoryName}`;
}

function shown({ tags: _, region, ...record }: RepositoryRecord) {
  const { registryId, repositoryName } = record;
  return {
    ...record,
    repositoryArn: `arn:${partitionOf(region)}:ecr:${region}:${registryId}:repository/${repositoryName}`,
    repositoryUri: `${registryHost(registryId, region)}/${repositoryName}`,
  };
}
