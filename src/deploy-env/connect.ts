import { refuseLocalOverrides } from '../aws/endpoint-guard.js';
import { configuredRegion } from '../aws/identity.js';
import type { AwsSettings } from '../aws/settings.js';
import { LOCAL_CREDENTIALS } from '../aws/variables.js';
import type { Config } from '../config/config.js';
import { LOCAL } from '../config/load.js';
import { findDaemon, runningDaemon } from '../daemon/running.js';
import type { StateFolder } from '../daemon/state-folder.js';
import { awsTarget, localTarget, type Target } from '../deploy/target.js';

export interface Connection {
  /** The block of `environments:` that is meant. */
  readonly environment: string;
  readonly config: Config;
  readonly folder: StateFolder;
  /** A private AWS-compatible service, asked for by name. */
  readonly endpointUrl?: string;
}

/**
 * How an environment's AWS is reached: smlocal's address and keys that say so, or AWS by the environment's own profile.
 *
 * @throws SmlocalError where smlocal does not run, or where what is meant for AWS would go to this machine
 */
export async function awsSettingsFor(connection: Connection): Promise<AwsSettings> {
  const { environment, config, folder, endpointUrl } = connection;
  if (environment === LOCAL) {
    const daemon = endpointUrl === undefined ? runningDaemon(folder) : findDaemon(folder);
    const credentials = daemon?.credentials ?? LOCAL_CREDENTIALS;
    return { region: config.region, endpoint: endpointUrl ?? daemon?.url, credentials };
  }
  if (endpointUrl === undefined) refuseLocalOverrides(process.env);
  const { profile, region } = config.deploy ?? {};
  return { region: region ?? (await configuredRegion(profile)), profile, endpoint: endpointUrl };
}

/** Where an environment is deployed to. @throws SmlocalError, as {@link awsSettingsFor}, or for another account's credentials */
export async function connect(connection: Connection, signal: AbortSignal): Promise<Target> {
  const { environment, config } = connection;
  const settings = await awsSettingsFor(connection);
  const expectedAccount = config.deploy?.account;
  if (environment !== LOCAL) return awsTarget({ environment, settings, expectedAccount, signal });
  const { accountId } = config;
  return localTarget({ environment, settings, expectedAccount: undefined, accountId, signal });
}
