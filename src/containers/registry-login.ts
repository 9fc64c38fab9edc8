import { type EcrLogin, ecrLogin } from './ecr-login.js';
import { ecrRegistry } from './image-name.js';
import { type Credentials, dockerCredentials } from './registry-auth.js';

export interface RegistryLogin {
  /** None where nothing is known of the registry: many images are public. */
  readonly credentials?: Credentials;
  /** Why AWS gave no login for an ECR registry, in one line. */
  readonly refusal?: string;
}

/** Who to be at a registry: for ECR whom the AWS credentials make us, else whom `docker login` said. */
export async function registryLogin(registry: string, signal: AbortSignal): Promise<RegistryLogin> {
  const ecr = ecrRegistry(registry);
  const login: EcrLogin | undefined = ecr && (await ecrLogin(ecr, registry, signal));
  if (login !== undefined && 'credentials' in login) return login;
  return { credentials: await dockerCredentials(registry), refusal: login?.refusal };
}
