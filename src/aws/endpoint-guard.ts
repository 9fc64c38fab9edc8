import { ExitCode, SmlocalError } from '../errors.js';
import type { AwsSettings } from './settings.js';

/** What every request of an AWS SDK's client passes through. */
interface Stack {
  add(
    middleware: (next: (args: never) => Promise<never>) => (args: never) => Promise<never>,
    options: { name: string; step: 'finalizeRequest'; priority: 'high' },
  ): void;
}

const LOOPBACK =
  /^(localhost|.*\.localhost|127(\.\d+){3}|0\.0\.0\.0|\[?::1?\]?|host\.docker\.internal)$/i;

/** Whether an address is this machine's. */
export function isThisMachine(hostname: string): boolean {
  return LOOPBACK.test(hostname);
}

/**
 * The variables of the environment that send the AWS SDKs to this machine, as `smlocal env` sets them.
 * @returns `NAME=value` of each
 */
export function overridesToThisMachine(environment: NodeJS.ProcessEnv): string[] {
  return Object.entries(environment)
    .filter(([name, value]) => name.startsWith('AWS_ENDPOINT_URL') && isLocalUrl(value))
    .map(([name, value]) => `${name}=${value}`);
}

function isLocalUrl(value: string | undefined): boolean {
  return value !== undefined && URL.canParse(value) && isThisMachine(new URL(value).hostname);
}

/** @throws SmlocalError where the environment would send what is meant for AWS to this machine */
export function refuseLocalOverrides(environment: NodeJS.ProcessEnv): void {
  const overrides = overridesToThisMachine(environment);
  if (overrides.length === 0) return;
  throw refusal(
    `${overrides.join(' and ')} ${overrides.length === 1 ? 'points' : 'point'} at this machine`,
    `Type "unset ${overrides.map((one) => one.split('=')[0]).join(' ')}"`,
  );
}

/**
 * Keeps a client from this machine, whatever sent it there: the environment, or `endpoint_url` of a profile. Looked at
 * where the request's address is settled, so that no way of configuring one is missed.
 */
export function guard(client: { middlewareStack: unknown }, settings: AwsSettings): void {
  if (settings.endpoint !== undefined) return;
  const look = (next: (args: never) => Promise<never>) => async (args: never) => {
    const { hostname } = (args as { request: { hostname: string } }).request;
    if (isThisMachine(hostname)) {
      throw refusal(
        `The endpoint ${hostname} of the AWS profile ${settings.profile ?? 'in use'} is this machine`,
        'Remove endpoint_url from the profile in ~/.aws/config, or set AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true',
      );
    }
    return next(args);
  };
  (client.middlewareStack as Stack).add(look, {
    name: 'smlocalEndpointGuard',
    step: 'finalizeRequest',
    priority: 'high',
  });
}

function refusal(what: string, remedy: string): SmlocalError {
  return new SmlocalError(`${what}, and this deploy is not for this machine.`, {
    hint: `${remedy}; or name a private AWS-compatible endpoint with --endpoint-url URL.`,
    exitCode: ExitCode.usage,
  });
}
