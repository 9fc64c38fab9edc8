import { sageMaker } from '../aws/control-plane.js';
import { callerIdentity, type Identity, roleArnOf } from '../aws/identity.js';
import { ImageRegistry } from '../aws/image-registry.js';
import { Objects } from '../aws/objects.js';
import type { AwsSettings } from '../aws/settings.js';
import { ExitCode, SmlocalError } from '../errors.js';
import type { ControlPlane } from './control.js';

/** Where a deploy goes: an account of AWS, or smlocal. The same services under the same names, so the same code deploys. */
export interface Target {
  /** The block of `environments:` that is deployed. */
  readonly environment: string;
  /** smlocal itself: it runs this machine's images, and nothing there is lost that matters. */
  readonly isLocal: boolean;
  readonly region: string;
  /** The address that was asked for by name, where one was. */
  readonly endpoint: string | undefined;
  readonly identity: Identity;
  readonly control: ControlPlane;
  readonly objects: Objects;
  /** Absent where images need not be sent anywhere. */
  readonly registry: ImageRegistry | undefined;
  /** The role's ARN. @throws SmlocalError where there is none of this name */
  roleArn(name: string): Promise<string>;
  dispose(): void;
}

export interface TargetOptions {
  readonly environment: string;
  readonly settings: AwsSettings;
  /** The account that config.yml says it must be. */
  readonly expectedAccount: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * An account of AWS, looked at before anything is asked of it.
 * @throws SmlocalError where the credentials are another account's
 */
export async function awsTarget(options: TargetOptions): Promise<Target> {
  const { environment, settings, expectedAccount, signal } = options;
  const identity = await callerIdentity(settings, signal);
  if (expectedAccount !== undefined && identity.accountId !== expectedAccount) {
    throw new SmlocalError(
      `These credentials are of account ${identity.accountId} (${identity.arn}), and ${environment} is account ${expectedAccount}.`,
      {
        hint: 'Set AWS_PROFILE, or aws_profile in config.yml, to a profile of that account; or correct "account" there.',
        exitCode: ExitCode.usage,
      },
    );
  }
  const connection = await connected(options, identity);
  const registry = new ImageRegistry(settings, signal);
  return {
    ...connection,
    isLocal: false,
    registry,
    dispose: () => {
      connection.dispose();
      registry.dispose();
    },
    roleArn: (name) => roleArnOf(name, identity, settings, signal),
  };
}

/** The smlocal that runs at an address. Roles are kept there and not assumed, so none is looked up. */
export async function localTarget(options: TargetOptions & { accountId: string }): Promise<Target> {
  const { accountId } = options;
  const identity = { accountId, arn: `arn:aws:iam::${accountId}:root`, partition: 'aws' };
  return {
    ...(await connected(options, identity)),
    isLocal: true,
    registry: undefined,
    roleArn: async (name) =>
      name.startsWith('arn:') ? name : `arn:aws:iam::${accountId}:role/${name}`,
  };
}

async function connected({ environment, settings, signal }: TargetOptions, identity: Identity) {
  const { control, dispose } = await sageMaker(settings, signal);
  const objects = new Objects(settings, signal);
  return {
    environment,
    region: settings.region,
    endpoint: settings.endpoint,
    identity,
    control,
    objects,
    dispose: () => {
      dispose();
      objects.dispose();
    },
  };
}
