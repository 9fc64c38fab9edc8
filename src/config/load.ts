import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ExitCode, SmlocalError } from '../errors.js';
import {
  type Config,
  DEFAULT_ACCOUNT,
  DEFAULT_HOST,
  DEFAULT_KEEP_VERSIONS,
  DEFAULT_PORT,
  type DeploySettings,
  defaultRegion,
} from './config.js';
import { endpointsOf, SHARED } from './endpoints.js';
import { type Parsed, parseConfig } from './parse.js';
import { s3SettingsOf } from './s3-schema.js';
import type { ConfigFile, EnvironmentBlock } from './schema.js';

/** The block of `environments:` that `smlocal up` serves. */
export const LOCAL = 'local';

const CONFIG_FILE = 'config.yml';

/**
 * Reads a config.yml and fills in what it leaves out. Without a file named there need be none.
 *
 * @param path as the user gave it; `config.yml` of the working folder when absent
 * @throws SmlocalError with a line for each fault
 */
export function loadConfig(
  path: string | undefined,
  environment: NodeJS.ProcessEnv,
  name: string = LOCAL,
): Config {
  const file = resolve(path ?? CONFIG_FILE);
  if (!existsSync(file)) {
    if (path === undefined) return defaultConfig(environment, name);
    throw new SmlocalError(`There is no ${file}.`, { hint: 'Name another with --config FILE.' });
  }
  return settle(file, parseConfig(readFileSync(file, 'utf8'), file), environment, name);
}

/** What holds where there is no config.yml. */
export function defaultConfig(environment: NodeJS.ProcessEnv, name: string = LOCAL): Config {
  return settle(undefined, parseConfig('', CONFIG_FILE), environment, name);
}

/**
 * The block of an environment as it is written, aliases, merge keys and the keys of `default` resolved.
 * @throws SmlocalError where the file is wrong or missing, or has no such environment
 */
export function environmentBlock(
  path: string | undefined,
  name: string,
): Readonly<Record<string, unknown>> {
  const file = resolve(path ?? CONFIG_FILE);
  if (!existsSync(file)) {
    throw new SmlocalError(`There is no ${file}.`, { hint: 'Name another with --config FILE.' });
  }
  const { config: parsed } = parseConfig(readFileSync(file, 'utf8'), file);
  if (parsed.environments?.[name] !== undefined) return blockOf(parsed, name);
  throw new SmlocalError(`${file} has no environment ${name}.`, {
    hint: `Set DEPLOY_ENV to one that it has: ${Object.keys(parsed.environments ?? {}).join(', ') || 'none yet'}.`,
    exitCode: ExitCode.usage,
  });
}

function settle(
  file: string | undefined,
  { config: parsed, places }: Parsed,
  environment: NodeJS.ProcessEnv,
  name: string,
): Config {
  const block = blockOf(parsed, name);
  const region = block.region ?? parsed.region ?? defaultRegion(environment);
  const directory = dirname(file ?? CONFIG_FILE);
  return {
    file,
    host: parsed.host ?? DEFAULT_HOST,
    port: parsed.port ?? DEFAULT_PORT,
    allowedHosts: (parsed.allowed_hosts ?? []).map((name) => name.toLowerCase()),
    verifySignatures: parsed.verify_signatures ?? false,
    accessKeys: parsed.access_keys ?? ownKeys(environment),
    region,
    accountId: parsed.account ?? DEFAULT_ACCOUNT,
    platform: parsed.platform,
    engine: parsed.engine ?? 'auto',
    images: parsed.images ?? {},
    limits: limitsOf(parsed),
    ...(parsed.s3 === undefined ? {} : { s3: s3SettingsOf(parsed.s3) }),
    watch: { ignore: parsed.watch?.ignore ?? [], polling: parsed.watch?.polling ?? false },
    endpoints: endpointsOf({ config: parsed, places, name, directory, region }),
    deploy: deployOf(block, name, parsed.region),
  };
}

/**
 * An environment's own keys, and those of `default` for what it does not say itself. Only `local` need not be there: a name
 * that is mistyped must not deploy what `default` says.
 * @throws SmlocalError where the file has environments, and not this one
 */
function blockOf({ environments = {} }: ConfigFile, name: string): EnvironmentBlock {
  const names = Object.keys(environments);
  if (name !== LOCAL && names.length > 0 && !names.includes(name)) {
    throw new SmlocalError(`config.yml has no environment ${name}.`, {
      hint: `It has ${names.join(', ')}.`,
      exitCode: ExitCode.usage,
    });
  }
  return { ...environments[SHARED], ...environments[name] };
}

function deployOf(
  block: EnvironmentBlock,
  environment: string,
  region: string | undefined,
): DeploySettings {
  return {
    environment,
    bucket: block.bucket,
    region: block.region ?? region,
    profile: block.aws_profile,
    account: block.account,
    keepVersions: block.keep_versions ?? DEFAULT_KEEP_VERSIONS,
  };
}

/** The key that the user's own clients sign with. */
function ownKeys(environment: NodeJS.ProcessEnv): Record<string, string> {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = environment;
  return id && secret ? { [id]: secret } : {};
}

function limitsOf({ limits }: ConfigFile): Config['limits'] {
  return {
    ...(limits?.max_model_bytes === undefined ? {} : { maxBytes: limits.max_model_bytes }),
    ...(limits?.max_model_entries === undefined ? {} : { maxEntries: limits.max_model_entries }),
  };
}
