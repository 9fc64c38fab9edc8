import { refuseLocalOverrides } from '../aws/endpoint-guard.js';
import { localVariables } from '../aws/variables.js';
import { environmentBlock, LOCAL, loadConfig } from '../config/load.js';
import { runningDaemon } from '../daemon/running.js';
import { stateFolderFor } from '../daemon/state-folder.js';

export interface EnvironmentOptions {
  readonly config?: string;
  readonly stateDir?: string;
  readonly env?: string;
}

/** An environment as `smlocal env` and `smlocal exec` give it to programs. */
export interface ProgramEnvironment {
  readonly name: string;
  /** What leads AWS's SDKs to smlocal; undefined where the user's own AWS settings are meant. */
  readonly variables: Readonly<Record<string, string>> | undefined;
  /** What DOCKER_HOST has to be for `docker push` to find ECR here. */
  readonly dockerHost?: string;
}

/**
 * What programs need to find the AWS of an environment.
 * @throws SmlocalError where smlocal does not run, there is no such environment, or what is meant for AWS would go to this machine
 */
export function programEnvironment(options: EnvironmentOptions): ProgramEnvironment {
  const name = options.env || process.env.DEPLOY_ENV || LOCAL;
  if (name !== LOCAL) {
    environmentBlock(options.config, name);
    refuseLocalOverrides(process.env);
    return { name, variables: undefined };
  }
  const { region } = loadConfig(options.config, process.env, name);
  const daemon = runningDaemon(stateFolderFor(options, process.env));
  const { url, credentials, dockerHost } = daemon;
  return { name, variables: localVariables({ url, region, credentials }), dockerHost };
}
