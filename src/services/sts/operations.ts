import { createHash } from 'node:crypto';
import { ServiceError } from '../../errors.js';
import { type Caller, partitionOf } from '../../hosting/arn.js';
import type { Sessions } from './sessions.js';

/** The role that everybody has who has assumed none: the SDK's `get_execution_role` reads a role out of the caller's ARN. */
export const LOCAL_ROLE = 'LocalSageMakerRole';

const LOCAL_SESSION = 'smlocal';

export interface StsContext {
  readonly caller: Caller;
  readonly accessKeyId: string;
  readonly sessionToken: string | undefined;
  readonly sessions: Sessions;
  readonly now: Date;
}

type StsOperation = (
  input: URLSearchParams,
  context: StsContext,
) => Readonly<Record<string, unknown>>;

/** Every operation of STS that smlocal serves, by its `Action`; inputs have been checked against the service model. */
export const STS_OPERATIONS: ReadonlyMap<string, StsOperation> = new Map<string, StsOperation>([
  ['GetCallerIdentity', getCallerIdentity],
  ['AssumeRole', assumeRole],
]);

/** GetCallerIdentity: an assumed role always, as in a notebook of SageMaker's. Gaps: nobody is a user or the root. */
function getCallerIdentity(_: URLSearchParams, context: StsContext) {
  const session = context.sessions.of(context.accessKeyId, context.sessionToken);
  const { region, accountId } = context.caller;
  const role = session?.roleName ?? LOCAL_ROLE;
  const name = session?.sessionName ?? LOCAL_SESSION;
  const account = session?.accountId ?? accountId;
  return {
    Arn: `arn:${partitionOf(region)}:sts::${account}:assumed-role/${role}/${name}`,
    UserId: `${roleIdOf(role)}:${name}`,
    Account: account,
  };
}

const ROLE_ARN = /^arn:(aws[a-z-]*):iam::(\d{12}):role\/(?:[\w+=,.@/-]*\/)?([\w+=,.@-]{1,64})$/;

/** AssumeRole: any role may be assumed. Gaps: no trust policies, external ids or MFA; where signatures are not verified keys outlive their time. */
function assumeRole(input: URLSearchParams, context: StsContext) {
  const arn = input.get('RoleArn') ?? '';
  const sessionName = input.get('RoleSessionName') ?? '';
  const [, partition, accountId, roleName] = ROLE_ARN.exec(arn) ?? [];
  if (accountId === undefined || roleName === undefined) throw invalid(`${arn} is invalid`);
  const seconds = Number(input.get('DurationSeconds') ?? 3600);
  const expires = new Date(context.now.getTime() + seconds * 1000);
  const keys = context.sessions.issue({ accountId, roleName, sessionName }, expires);
  return {
    AssumedRoleUser: {
      AssumedRoleId: `${roleIdOf(roleName)}:${sessionName}`,
      Arn: `arn:${partition}:sts::${accountId}:assumed-role/${roleName}/${sessionName}`,
    },
    Credentials: {
      AccessKeyId: keys.accessKeyId,
      SecretAccessKey: keys.secretAccessKey,
      SessionToken: keys.sessionToken,
      Expiration: expires,
    },
  };
}

function invalid(message: string): ServiceError {
  return new ServiceError('ValidationError', 400, message);
}

/** A role's id looks as IAM's do, and is the same each time. */
export function roleIdOf(roleName: string): string {
  const hash = createHash('sha256').update(roleName).digest('hex').toUpperCase();
  return `AROA${hash.slice(0, 17)}`;
}
