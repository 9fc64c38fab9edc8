import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type Docker from 'dockerode';
import type { ContainerInfo, ContainerInspectInfo } from 'dockerode';
import type { Address, ExitStatus, ObservedContainer } from './engine.js';
import type { EngineClient } from './engine-client.js';
import { noEngine, statusOf } from './engine-errors.js';
import { PORT_LABEL } from './labels.js';

const LOOPBACK = '127.0.0.1';

export async function listContainers(
  engine: EngineClient,
  labels: Readonly<Record<string, string>>,
): Promise<ObservedContainer[]> {
  const label = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  const found = await engine.ask((docker) =>
    docker.listContainers({ all: true, filters: { label } }),
  );
  return found.map(fromList);
}

function fromList(info: ContainerInfo): ObservedContainer {
  const serving = info.Labels?.[PORT_LABEL];
  const published = info.Ports?.find(
    ({ IP, PublicPort, PrivatePort }) =>
      IP === LOOPBACK && PublicPort && (serving === undefined || PrivatePort === Number(serving)),
  );
  return {
    id: info.Id,
    // The engine writes names with a slash before them.
    name: (info.Names?.[0] ?? '').replace(/^\//, ''),
    labels: info.Labels ?? {},
    // A paused container's process lives, and inspect calls it running as well.
    running: info.State === 'running' || info.State === 'paused',
    ...(published && { address: { host: LOOPBACK, port: published.PublicPort } }),
  };
}

/**
 * Where a container's port was published. Port 0, where nothing ever answers, stands for one that ended before its port
 * could be read: the engine forgets the port with the process, and `waitForExit` tells how it ended.
 */
export function publishedAddress(info: ContainerInspectInfo, containerPort: number): Address {
  const bindings = info.NetworkSettings.Ports?.[`${containerPort}/tcp`] ?? [];
  const port = bindings.find((binding) => binding.HostIp === LOOPBACK)?.HostPort;
  return { host: LOOPBACK, port: Number(port ?? 0) };
}

/** The exit code of a container that was removed before it could be asked how it ended. */
const VANISHED: ExitStatus = { exitCode: -1, outOfMemory: false };

export async function waitForExit(
  engine: EngineClient,
  id: string,
  signal?: AbortSignal,
): Promise<ExitStatus> {
  signal?.throwIfAborted();
  try {
    const answer = await engine.call((docker) => untilEnd(docker, id, signal));
    const StatusCode = parsed(answer)?.StatusCode;
    // An engine that goes away ends its answer without one.
    if (typeof StatusCode !== 'number') throw noEngine(await engine.url(), 'ECONNRESET');
    return { exitCode: StatusCode, outOfMemory: await ranOutOfMemory(engine, id) };
  } catch (error) {
    signal?.throwIfAborted();
    if (statusOf(error) === 404) return VANISHED;
    throw error;
  }
}

/**
 * The engine's answer once the container has ended. Read as a stream, because the library's own call never returns where
 * the connection breaks in the middle of an answer, and this one has begun from the start.
 */
async function untilEnd(docker: Docker, id: string, abortSignal?: AbortSignal): Promise<string> {
  const options = {
    path: `/containers/${id}/wait?condition=not-running`,
    method: 'POST',
    isStream: true,
    statusCodes: { 200: true, 404: 'no such container', 500: 'server error' },
    abortSignal,
  };
  const answer = await new Promise<Readable>((resolve, reject) => {
    docker.modem.dial(options, (error: unknown, stream: unknown) =>
      error ? reject(error) : resolve(stream as Readable),
    );
  });
  return text(answer);
}

function parsed(answer: string): { StatusCode?: unknown } | undefined {
  try {
    return JSON.parse(answer);
  } catch {
    return undefined;
  }
}

async function ranOutOfMemory(engine: EngineClient, id: string): Promise<boolean> {
  try {
    const { State } = await engine.ask((docker) => docker.getContainer(id).inspect());
    return State.OOMKilled;
  } catch (error) {
    if (statusOf(error) === 404) return false; // removed the moment it ended
    throw error;
  }
}
