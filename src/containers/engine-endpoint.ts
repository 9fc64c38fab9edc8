import { createHash } from 'node:crypto';
import { constants, realpathSync } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExitCode, SmlocalError } from '../errors.js';

/** Where the search looks; the tests pass their own. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

const WINDOWS_PIPE = 'npipe:////./pipe/docker_engine';
const SYSTEM_SOCKET = '/var/run/docker.sock';

/**
 * The engine that the `docker` command would talk to: DOCKER_HOST, then the CLI's current context, then the system's
 * socket, then the sockets where Docker Desktop, colima, OrbStack, Rancher Desktop, rootless Docker and podman listen.
 */
export async function findEngineUrl(
  dockerHost?: string,
  around: Surroundings = { env: process.env, home: homedir() },
): Promise<string> {
  const named = dockerHost || around.env.DOCKER_HOST;
  if (named) return named.includes('://') ? named : `tcp://${named}`;
  return (await contextUrl(around)) ?? (await socketUrl(around));
}

/** The folder of the docker CLI's own settings: contexts and registry credentials. */
export function dockerConfigFolder(around: Surroundings): string {
  return around.env.DOCKER_CONFIG || join(around.home, '.docker');
}

async function contextUrl(around: Surroundings): Promise<string | undefined> {
  const folder = dockerConfigFolder(around);
  const config = await readJson(join(folder, 'config.json'));
  const name = around.env.DOCKER_CONTEXT || config?.currentContext;
  if (typeof name !== 'string' || name === '' || name === 'default') return undefined;
  // The CLI files a context under the SHA-256 of its name.
  const id = createHash('sha256').update(name).digest('hex');
  const meta = await readJson(join(folder, 'contexts', 'meta', id, 'meta.json'));
  const host = (meta?.Endpoints as { docker?: { Host?: unknown } } | undefined)?.docker?.Host;
  return typeof host === 'string' && host !== '' ? host : undefined;
}

async function readJson(path: string): Promise<Record<string, unknown> | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  } catch {
    return undefined; // absent or broken: the docker command goes on without it as well
  }
}

async function socketUrl(around: Surroundings): Promise<string> {
  if (process.platform === 'win32') return WINDOWS_PIPE;
  const sockets = [SYSTEM_SOCKET, ...userSockets(around)];
  const usable = await firstWith(sockets, constants.R_OK | constants.W_OK);
  return `unix://${usable ?? (await firstWith(sockets, constants.F_OK)) ?? SYSTEM_SOCKET}`;
}

function userSockets({ env, home }: Surroundings): string[] {
  const inHome = ['.docker/run', '.docker/desktop', '.colima/default', '.orbstack/run', '.rd'];
  const sockets = inHome.map((folder) => join(home, folder, 'docker.sock'));
  const runtime = env.XDG_RUNTIME_DIR;
  if (!runtime) return sockets;
  return [...sockets, join(runtime, 'docker.sock'), join(runtime, 'podman', 'podman.sock')];
}

async function firstWith(paths: readonly string[], mode: number): Promise<string | undefined> {
  for (const path of paths) {
    const found = await access(path, mode).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return undefined;
}

/**
 * Begins the folder of the door that smlocal opens to the engine (`engine-door.ts`). It is not in the state folder, for that
 * lies in the project's, which may be shown to a container.
 */
export function doorPrefix(): string {
  return join(realpathSync(tmpdir()), 'smlocal-docker-');
}

/** Dockerode's connection options for an engine's URL. `host: undefined` keeps it from reading DOCKER_HOST by itself. */
export type ConnectionOptions =
  | { readonly socketPath: string; readonly host: undefined }
  | { readonly host: string; readonly port: number; readonly protocol: 'http' | 'https' };

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** @throws SmlocalError for an engine on another machine: it can neither mount our files nor publish on our 127.0.0.1. */
export function connectionOptions(url: string): ConnectionOptions {
  const [, scheme, rest] = /^(unix|npipe):\/\/(.*)$/.exec(url) ?? [];
  if (scheme !== undefined && rest !== undefined) {
    const path = rest || (scheme === 'unix' ? SYSTEM_SOCKET : '//./pipe/docker_engine');
    return { socketPath: path, host: undefined };
  }
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^(tcp|https?):$/.test(parsed.protocol) || !isLocal(parsed)) {
    throw unusable(url);
  }
  const tls = parsed.protocol === 'https:' || parsed.port === '2376';
  const port = Number(parsed.port || (tls ? 2376 : 2375));
  return { host: parsed.hostname, port, protocol: tls ? 'https' : 'http' };
}

function isLocal(url: URL): boolean {
  return LOOPBACK.has(url.hostname);
}

function unusable(url: string): SmlocalError {
  return new SmlocalError(
    `The Docker engine at ${url} cannot be used: it is not on this machine.`,
    {
      hint: 'smlocal mounts your files and publishes ports on 127.0.0.1, so it needs a local engine: unset DOCKER_HOST, or type `docker context use default`.',
      exitCode: ExitCode.noEngine,
    },
  );
}
