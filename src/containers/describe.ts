import type { DockerVersion } from 'dockerode';
import type { EngineClient } from './engine-client.js';
import { noEngine } from './engine-errors.js';

/** An engine that is starting up takes connections and answers none. */
const ANSWER_LIMIT_MS = 10_000;

/** `Docker 20.10.24 (API 1.41, linux/amd64) at unix:///var/run/docker.sock` */
export async function describeEngine(
  engine: EngineClient,
  signal?: AbortSignal,
  limitMs = ANSWER_LIMIT_MS,
): Promise<string> {
  signal?.throwIfAborted();
  const limit = AbortSignal.timeout(limitMs);
  const abortSignal = signal === undefined ? limit : AbortSignal.any([signal, limit]);
  try {
    const version = await engine.call((docker) => askVersion(docker, abortSignal));
    return `${nameOf(version)} at ${await engine.url()}`;
  } catch (error) {
    signal?.throwIfAborted();
    if (limit.aborted) throw noEngine(await engine.url(), 'silent', error);
    throw error;
  }
}

/** The library takes options here; only its types have none. */
function askVersion(
  docker: { version(): Promise<DockerVersion> },
  abortSignal: AbortSignal,
): Promise<DockerVersion> {
  const version = docker.version as (options: object) => Promise<DockerVersion>;
  return version.call(docker, { abortSignal });
}

function nameOf(version: DockerVersion): string {
  const component = version.Components?.[0]?.Name ?? 'Engine';
  const name = component === 'Engine' ? 'Docker' : component; // podman says `Podman Engine`
  return `${name} ${version.Version} (API ${version.ApiVersion}, ${version.Os}/${version.Arch})`;
}
