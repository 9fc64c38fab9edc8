import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { dockerConfigFolder, type Surroundings } from './engine-endpoint.js';

/** What the engine's API takes as X-Registry-Auth. */
export interface Credentials {
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
  readonly serveraddress: string;
}

interface DockerConfig {
  readonly auths?: Readonly<Record<string, AuthEntry | undefined>>;
  readonly credsStore?: string;
  readonly credHelpers?: Readonly<Record<string, string | undefined>>;
}

interface AuthEntry {
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
}

/** How Docker Hub is filed in the docker CLI's settings. */
const DOCKER_HUB = 'https://index.docker.io/v1/';

/**
 * The credentials that `docker login` left for a registry: from its credential helper where one is set, else from
 * config.json.
 */
export async function dockerCredentials(
  registry: string,
  around: Surroundings = { env: process.env, home: homedir() },
): Promise<Credentials | undefined> {
  const config = await readConfig(join(dockerConfigFolder(around), 'config.json'));
  const server = registry === 'docker.io' ? DOCKER_HUB : registry;
  const helper = config.credHelpers?.[server] ?? config.credsStore;
  const helped = helper ? await askHelper(helper, server, around.env) : undefined;
  return helped ?? fromFile(config.auths ?? {}, server);
}

async function readConfig(path: string): Promise<DockerConfig> {
  try {
    const config: unknown = JSON.parse(await readFile(path, 'utf8'));
    return typeof config === 'object' && config !== null ? config : {};
  } catch {
    return {}; // no settings, or broken ones: the registry will say if it wants to know who asks
  }
}

function fromFile(
  auths: NonNullable<DockerConfig['auths']>,
  server: string,
): Credentials | undefined {
  const entry = auths[server] ?? entryForHost(auths, server);
  if (entry === undefined) return undefined;
  const { identitytoken } = entry;
  if (identitytoken) return { identitytoken, serveraddress: server };
  const decoded = Buffer.from(entry.auth ?? '', 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  const username = entry.username ?? decoded.slice(0, Math.max(colon, 0));
  const password = entry.password ?? decoded.slice(colon + 1);
  // An empty entry is what `docker login` leaves beside a credential store.
  return username ? { username, password, serveraddress: server } : undefined;
}

/** Old entries are filed as URLs: `https://host/v1/`. */
function entryForHost(auths: NonNullable<DockerConfig['auths']>, host: string) {
  const hostOf = (key: string) => key.replace(/^https?:\/\//, '').replace(/\/.*$/s, '');
  const key = Object.keys(auths).find((candidate) => hostOf(candidate) === host);
  return key === undefined ? undefined : auths[key];
}

const HELPER_LIMIT_MS = 10_000;

/** A helper that is missing, fails or knows nothing counts as no credentials: the pull may need none. */
async function askHelper(
  helper: string,
  server: string,
  env: Surroundings['env'],
): Promise<Credentials | undefined> {
  if (!/^[\w.-]+$/.test(helper)) return undefined;
  const output = await runHelper(`docker-credential-${helper}`, server, env);
  try {
    const { Username, Secret } = JSON.parse(output) as { Username?: string; Secret?: string };
    if (!Username || !Secret) return undefined;
    // This user name is the helpers' way to say that the secret is a token.
    if (Username === '<token>') return { identitytoken: Secret, serveraddress: server };
    return { username: Username, password: Secret, serveraddress: server };
  } catch {
    return undefined;
  }
}

function runHelper(program: string, server: string, env: Surroundings['env']): Promise<string> {
  return new Promise((resolve) => {
    const options = { env: { ...env }, timeout: HELPER_LIMIT_MS };
    const child = execFile(program, ['get'], options, (error, stdout) =>
      resolve(error ? '' : stdout),
    );
    child.stdin?.on('error', () => {}); // a helper may end without reading its question
    child.stdin?.end(server);
  });
}
