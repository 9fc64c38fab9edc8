import { ServiceError } from '../../errors.js';
import { type Caller, partitionOf } from '../../hosting/arn.js';
import { roleIdOf } from '../sts/operations.js';
import type { RoleRecord, Roles } from './roles.js';

interface IamContext {
  readonly caller: Caller;
  readonly roles: Roles;
  readonly now: Date;
}

type IamOperation = (
  input: URLSearchParams,
  context: IamContext,
) => Promise<Readonly<Record<string, unknown>>>;

/** Every operation of IAM that smlocal serves, by its `Action`; inputs have been checked against the service model. Policies are kept and shown; they permit and deny nothing. */
export const IAM_OPERATIONS: ReadonlyMap<string, IamOperation> = new Map<string, IamOperation>([
  ['GetRole', getRole],
  ['CreateRole', createRole],
  ['DeleteRole', deleteRole],
  ['ListRoles', listRoles],
  ['AttachRolePolicy', attachRolePolicy],
  ['DetachRolePolicy', detachRolePolicy],
  ['ListAttachedRolePolicies', listAttachedRolePolicies],
  ['SimulatePrincipalPolicy', simulatePrincipalPolicy],
]);

const POLICY_ARN = /^arn:aws[a-z-]*:iam::(aws|\d{12}):policy\/[\w+=,.@/-]+$/;

/** GetRole. Gaps: no tags, boundaries or last use. */
async function getRole(input: URLSearchParams, context: IamContext) {
  return { Role: roleOf(find(input, context), context.caller) };
}

/** CreateRole. Gaps: tags and boundaries are not kept; the trust policy is checked to be JSON and no further. */
async function createRole(input: URLSearchParams, { roles, caller, now }: IamContext) {
  const RoleName = input.get('RoleName') ?? '';
  if (roles.get(RoleName) !== undefined) {
    throw new ServiceError(
      'EntityAlreadyExists',
      409,
      `Role with name ${RoleName} already exists.`,
    );
  }
  const Path = input.get('Path') ?? '/';
  const role: RoleRecord = {
    ...{ RoleName, Path, CreateDate: now, policyArns: [] },
    AssumeRolePolicyDocument: policyOf(input),
    Description: input.get('Description') ?? undefined,
    MaxSessionDuration: Number(input.get('MaxSessionDuration') ?? 3600),
  };
  await roles.put(role);
  return { Role: roleOf(role, caller) };
}

/** DeleteRole: refused while policies are attached. Gaps: the roles that are given cannot be deleted for good. */
async function deleteRole(input: URLSearchParams, context: IamContext) {
  const role = find(input, context);
  if (role.policyArns.length > 0) {
    throw new ServiceError(
      'DeleteConflict',
      409,
      'Cannot delete entity, must detach all policies first.',
    );
  }
  await context.roles.delete(role.RoleName);
  return {};
}

/** ListRoles. Gaps: one page. */
async function listRoles(input: URLSearchParams, { roles, caller }: IamContext) {
  const prefix = input.get('PathPrefix') ?? '/';
  const found = roles.list().filter(({ Path }) => Path.startsWith(prefix));
  return { Roles: { member: found.map((role) => roleOf(role, caller)) }, IsTruncated: false };
}

/** AttachRolePolicy. Gaps: any policy's ARN will do. */
async function attachRolePolicy(input: URLSearchParams, context: IamContext) {
  const role = find(input, context);
  const arn = input.get('PolicyArn') ?? '';
  if (!POLICY_ARN.test(arn)) throw invalid('policyArn', arn);
  await context.roles.put({ ...role, policyArns: [...new Set([...role.policyArns, arn])] });
  return {};
}

/** DetachRolePolicy. Gaps: none known. */
async function detachRolePolicy(input: URLSearchParams, context: IamContext) {
  const role = find(input, context);
  const arn = input.get('PolicyArn') ?? '';
  if (!role.policyArns.includes(arn)) {
    throw new ServiceError('NoSuchEntity', 404, `Policy ${arn} was not found.`);
  }
  await context.roles.put({ ...role, policyArns: role.policyArns.filter((one) => one !== arn) });
  return {};
}

/** ListAttachedRolePolicies. Gaps: one page. */
async function listAttachedRolePolicies(input: URLSearchParams, context: IamContext) {
  const attached = find(input, context).policyArns.map((PolicyArn) => ({
    PolicyName: PolicyArn.split('/').at(-1),
    PolicyArn,
  }));
  return { AttachedPolicies: { member: attached }, IsTruncated: false };
}

/**
 * SimulatePrincipalPolicy: every role may do everything here, so everything is allowed. The SageMaker Python SDK 3 asks it
 * before it takes a role. Gaps: roles alone; policies and resources that are given are not looked at; one page.
 */
async function simulatePrincipalPolicy(input: URLSearchParams, { roles }: IamContext) {
  const arn = input.get('PolicySourceArn') ?? '';
  if ((await roles.named(arn)) === undefined) throw invalid('policySourceArn', arn);
  const actions = members(input, 'ActionNames');
  const [resource = '*'] = members(input, 'ResourceArns');
  const results = actions.map((EvalActionName) => ({
    ...{ EvalActionName, EvalResourceName: resource, EvalDecision: 'allowed' },
    ...{ MatchedStatements: {}, MissingContextValues: {} },
  }));
  return { EvaluationResults: { member: results }, IsTruncated: false };
}

/** A list as the query protocol writes it: `Name.member.1`, `Name.member.2` … */
function members(input: URLSearchParams, name: string): string[] {
  const found: string[] = [];
  for (let i = 1; ; i++) {
    const value = input.get(`${name}.member.${i}`);
    if (value === null) return found;
    found.push(value);
  }
}

function find(input: URLSearchParams, { roles }: IamContext): RoleRecord {
  const name = input.get('RoleName') ?? '';
  const role = roles.get(name);
  if (role !== undefined) return role;
  throw new ServiceError('NoSuchEntity', 404, `The role with name ${name} cannot be found.`);
}

function roleOf(role: RoleRecord, { region, accountId }: Caller) {
  const { RoleName, Path, CreateDate, Description, MaxSessionDuration } = role;
  return {
    ...{ Path, RoleName, RoleId: roleIdOf(RoleName) },
    Arn: `arn:${partitionOf(region)}:iam::${accountId}:role${Path}${RoleName}`,
    CreateDate,
    // IAM gives policies percent-encoded (API reference, Role).
    AssumeRolePolicyDocument: encodeURIComponent(role.AssumeRolePolicyDocument),
    ...{ Description, MaxSessionDuration },
  };
}

function policyOf(input: URLSearchParams): string {
  const text = input.get('AssumeRolePolicyDocument') ?? '';
  try {
    JSON.parse(text);
    return text;
  } catch {
    throw new ServiceError('MalformedPolicyDocument', 400, 'This policy contains invalid Json');
  }
}

function invalid(name: string, value: string): ServiceError {
  return new ServiceError('ValidationError', 400, `The value ${value} for ${name} is invalid.`);
}
