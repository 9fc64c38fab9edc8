import { SmlocalError } from '../errors.js';
import { aws, isRefusal } from './call.js';
import { guard } from './endpoint-guard.js';
import type { AwsSettings } from './settings.js';

/** Who asks. */
export interface Identity {
  readonly accountId: string;
  readonly arn: string;
  /** `aws`, `aws-cn`, `aws-us-gov` …: the second part of every ARN there. */
  readonly partition: string;
}

/** Who asks, and by how much AWS's clock is before this machine's. */
export interface Caller extends Identity {
  readonly clockOffsetMs: number;
}

/**
 * The region that the SDKs would take: AWS_REGION, else the profile's.
 * @throws SmlocalError where neither says one
 */
export async function configuredRegion(profile: string | undefined): Promise<string> {
  const { STSClient } = await import('@aws-sdk/client-sts');
  const client = new STSClient({ profile });
  try {
    return await client.config.region();
  } catch (error) {
    throw new SmlocalError('No region is set.', {
      hint: 'Add "region: eu-west-1", or another, to the environment’s block of config.yml, or set AWS_REGION.',
      cause: error,
    });
  } finally {
    client.destroy();
  }
}

/** Whose credentials these are, by STS. @throws ServiceError, SmlocalError */
export async function callerIdentity(settings: AwsSettings, signal: AbortSignal): Promise<Caller> {
  const { GetCallerIdentityCommand, STSClient } = await import('@aws-sdk/client-sts');
  const client = new STSClient(settings);
  guard(client, settings);
  try {
    const { Account = '', Arn = '' } = await aws('sts:GetCallerIdentity', () =>
      client.send(new GetCallerIdentityCommand({}), { abortSignal: signal }),
    );
    const partition = Arn.split(':')[1] || 'aws';
    const clockOffsetMs = client.config.systemClockOffset;
    return { accountId: Account, arn: Arn, partition, clockOffsetMs };
  } finally {
    client.destroy();
  }
}

/**
 * The ARN of a role that is named: IAM knows its path, which the name does not tell. Where IAM may not be asked, the ARN
 * that a role without a path would have.
 *
 * @throws SmlocalError where there is no such role
 */
export async function roleArnOf(
  name: string,
  identity: Identity,
  settings: AwsSettings,
  signal: AbortSignal,
): Promise<string> {
  if (name.startsWith('arn:')) return name;
  const { GetRoleCommand, IAMClient } = await import('@aws-sdk/client-iam');
  const client = new IAMClient(settings);
  guard(client, settings);
  try {
    const { Role } = await aws('iam:GetRole', () =>
      client.send(new GetRoleCommand({ RoleName: name }), { abortSignal: signal }),
    );
    return Role?.Arn ?? withoutPath(name, identity);
  } catch (error) {
    if (isRefusal(error, 'AccessDenied', 'AccessDeniedException'))
      return withoutPath(name, identity);
    if (!isRefusal(error, 'NoSuchEntity', 'NoSuchEntityException')) throw error;
    throw new SmlocalError(`The account ${identity.accountId} has no role ${name}.`, {
      hint: 'Set aws_role in config.yml to a role that SageMaker may assume, by its name or ARN.',
      cause: error,
    });
  } finally {
    client.destroy();
  }
}

function withoutPath(name: string, { accountId, partition }: Identity): string {
  return `arn:${partition}:iam::${accountId}:role/${name}`;
}
