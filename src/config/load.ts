import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ExitCode, SmlocalError } from '../errors.js';
import {
  type Config,
  DEFAULT_ACCOUNT,
  DEFAULT_HOST,
  DEFAULT_KEEP_VERSIONS,
  DEFAULT_PORT,
  type DeploySettings,
  defaultRegion,
  type EndpointSettings,
} from './config.js';
import { parseConfig } from './parse.js';
import type { ConfigFile, EndpointBlock, EnvironmentBlock } from './schema.js';

/** The block of `environments:` that `smlocal up` serves. */
export const LOCAL = 'local';

/** The block whose keys every other has, unless it says otherwise. */
const SHARED = 'default';

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
    if (path === undefined) return settle(undefined, {}, environment, name);
    throw new SmlocalError(`There is no ${file}.`, { hint: 'Name another with --config FILE.' });
  }
  return settle(file, parseConfig(readFileSync(file, 'utf8'), file), environment, name);
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
  const parsed = parseConfig(readFileSync(file, 'utf8'), file);
  if (parsed.environments?.[name] !== undefined) return blockOf(parsed, name);
  throw new SmlocalError(`${file} has no environment ${name}.`, {
    hint: `Set DEPLOY_ENV to one that it has: ${Object.keys(parsed.environments ?? {}).join(', ') || 'none yet'}.`,
    exitCode: ExitCode.usage,
  });
}

function settle(
  file: string | undefined,
  parsed: ConfigFile,
  environment: NodeJS.ProcessEnv,
  name: string,
): Config {
  const block = blockOf(parsed, name);
  return {
    file,
    host: parsed.host ?? DEFAULT_HOST,
    port: parsed.port ?? DEFAULT_PORT,
    allowedHosts: (parsed.allowed_hosts ?? []).map((name) => name.toLowerCase()),
    verifySignatures: parsed.verify_signatures ?? false,
    accessKeys: parsed.access_keys ?? ownKeys(environment),
    region: block.region ?? parsed.region ?? defaultRegion(environment),
    accountId: parsed.account ?? DEFAULT_ACCOUNT,
    platform: parsed.platform,
    engine: parsed.engine ?? 'auto',
    images: parsed.images ?? {},
    limits: limitsOf(parsed),
    watch: { ignore: parsed.watch?.ignore ?? [], polling: parsed.watch?.polling ?? false },
    endpoints: file === undefined ? [] : endpointsOf(parsed, block, dirname(file)),
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

/**
 * The endpoints of an environment: those under `endpoints:`, of the file or of the environment's block, whose
 * values they inherit; a block with no `endpoints:` is itself one, if it names an image.
 */
function endpointsOf(
  parsed: ConfigFile,
  block: EnvironmentBlock,
  directory: string,
): EndpointSettings[] {
  const { endpoints, ...inherited } = block;
  const named = Object.entries({ ...parsed.endpoints, ...endpoints });
  if (named.length === 0) {
    return inherited.image === undefined ? [] : [endpointSettings(inherited, undefined, directory)];
  }
  return named.map(([name, block]) =>
    endpointSettings({ ...inherited, ...block }, name, directory),
  );
}

function endpointSettings(
  block: EndpointBlock,
  key: string | undefined,
  directory: string,
): EndpointSettings {
  const endpointName = block.endpoint_name ?? key ?? block.model_name;
  if (endpointName === undefined || block.image === undefined) {
    const missing = endpointName === undefined ? 'model_name' : 'image';
    throw new SmlocalError(`Endpoint ${endpointName ?? ''} of config.yml has no ${missing}.`, {
      hint: `Add "${missing}: …" to its block.`,
    });
  }
  return {
    endpointName,
    modelName: block.model_name ?? endpointName,
    image: block.image,
    modelDataUrl: modelDataUrl(block.model_data_path, directory),
    sourceDirectory:
      block.source_dir === undefined ? undefined : resolve(directory, block.source_dir),
    entryPoint: block.entry_point,
    environment: strings(block.environment),
    roleName: block.aws_role,
    instanceType: block.instance_type ?? LOCAL,
    instanceCount: block.initial_instance_count ?? 1,
    startupTimeoutSeconds: block.container_startup_health_check_timeout,
    downloadTimeoutSeconds: block.model_data_download_timeout,
    tags: strings(block.tags),
    python: block.python?.includes('/') ? resolve(directory, block.python) : block.python,
    command: block.command,
    debug: block.debug ?? false,
    reload: block.reload,
  };
}

/** `file://build/model.tar.gz` is relative to config.yml, as the document writes it; `file:///…` is absolute. */
function modelDataUrl(path: string | undefined, directory: string): string | undefined {
  if (path === undefined || !path.startsWith('file://')) return path;
  const written = path.slice('file://'.length);
  return pathToFileURL(written.startsWith('/') ? fileURLToPath(path) : resolve(directory, written))
    .href;
}

function strings(
  values: Readonly<Record<string, string | number | boolean>> = {},
): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}
