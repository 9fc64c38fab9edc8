/** Who a container is to AWS. */
export interface ContainerRole {
  /** Absent where its model names none. */
  readonly roleArn: string | undefined;
}

/** What a handler needs for its own calls to AWS. Hosting knows only that it is variables. */
export interface RoleAccess {
  /**
   * The variables by which the AWS SDKs in a container find credentials of its execution role, and the address that answers
   * them; none where there is no such address.
   */
  environmentFor(role: ContainerRole): Promise<Readonly<Record<string, string>>>;
}

/** Containers that can ask nobody. */
export const NO_ROLE_ACCESS: RoleAccess = { environmentFor: async () => ({}) };

/** What says that a model brings its own way to AWS. */
const OWN_WAY =
  /^AWS_(?:ACCESS_KEY_ID|PROFILE|CONTAINER_CREDENTIALS_\w+_URI|WEB_IDENTITY_TOKEN_FILE|ENDPOINT_URL)$/;

/** A model's environment with the access in it; one that has a way of its own to AWS keeps that, for keys and address belong together. */
export function withAccess(
  own: Readonly<Record<string, string>>,
  access: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.keys(own).some((name) => OWN_WAY.test(name)) ? { ...own } : { ...access, ...own };
}
