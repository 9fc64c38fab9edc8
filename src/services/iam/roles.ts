import type { Collection } from '../../state/store.js';

/** A role as it is kept. */
export interface RoleRecord {
  readonly RoleName: string;
  readonly Path: string;
  readonly AssumeRolePolicyDocument: string;
  readonly Description?: string;
  readonly MaxSessionDuration: number;
  readonly CreateDate: Date;
  readonly policyArns: readonly string[];
}

/** Whom SageMaker's execution roles trust. */
const TRUSTS_SAGEMAKER = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Service: 'sagemaker.amazonaws.com' },
      Action: 'sts:AssumeRole',
    },
  ],
});

const ARN_OF_ROLE = /^arn:[^:]+:iam::\d*:role(\/(?:.*\/)?)([^/]+)$/;

/** The roles that were made, and those that need not be: the caller's own, and those that config.yml names. */
export class Roles {
  readonly #given: ReadonlyMap<string, RoleRecord>;

  /** @param given names or ARNs of roles that are there from the start */
  constructor(
    private readonly made: Collection<RoleRecord>,
    given: readonly string[],
  ) {
    this.#given = new Map(given.map(givenRole).map((role) => [role.RoleName, role]));
  }

  get(name: string): RoleRecord | undefined {
    return this.made.get(name) ?? this.#given.get(name);
  }

  /** All of them, by name. */
  list(): RoleRecord[] {
    const all = new Map(this.#given);
    for (const role of this.made.values()) all.set(role.RoleName, role);
    return [...all.values()].sort((a, b) => (a.RoleName < b.RoleName ? -1 : 1));
  }

  /**
   * The role of an ARN, which is there from now on: a script that names one means a role of the account for which smlocal
   * stands. Undefined where it is no role's ARN.
   */
  async named(arn: string): Promise<RoleRecord | undefined> {
    if (!ARN_OF_ROLE.test(arn)) return undefined;
    const role = givenRole(arn);
    const known = this.get(role.RoleName);
    if (known === undefined) await this.put(role);
    return known ?? role;
  }

  put(role: RoleRecord): Promise<void> {
    return this.made.put(role.RoleName, role);
  }

  delete(name: string): Promise<void> {
    return this.made.delete(name);
  }
}

function givenRole(nameOrArn: string): RoleRecord {
  const [, path = '/', name = nameOrArn] = ARN_OF_ROLE.exec(nameOrArn) ?? [];
  return {
    RoleName: name,
    Path: path,
    AssumeRolePolicyDocument: TRUSTS_SAGEMAKER,
    MaxSessionDuration: 3600,
    CreateDate: new Date(0),
    policyArns: [],
  };
}
