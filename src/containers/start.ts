import type Docker from 'dockerode';
import type { Logger } from '../log.js';
import type { Address, ContainerSpec, ObservedContainer } from './engine.js';
import type { EngineClient } from './engine-client.js';
import { engineMessage, statusOf } from './engine-errors.js';
import { refuseEngineSocket, restrictions } from './hardening.js';
import { PORT_LABEL } from './labels.js';
import { publishedAddress } from './observe.js';
import { removeContainer } from './remove.js';
import { asCreateError, asStartError } from './start-errors.js';

type Started = ObservedContainer & { address: Address };

const PORT_ATTEMPTS = 5;

/**
 * Creates and starts a container. The signal is looked at between the steps instead of cutting them off: the engine
 * finishes a step that it has begun, and a container created behind our back would be left behind.
 */
export async function startContainer(
  engine: EngineClient,
  log: Logger,
  spec: ContainerSpec,
  signal?: AbortSignal,
): Promise<Started> {
  signal?.throwIfAborted();
  await refuseEngineSocket(spec.mounts, await engine.url());
  const id = await create(engine, log, spec);
  try {
    signal?.throwIfAborted();
    await startOnFreePort(engine, log, spec, id);
    signal?.throwIfAborted();
    return await observe(engine, spec, id);
  } catch (error) {
    await removeContainer(engine, id).catch((cause: unknown) => {
      log.warn(
        { err: cause, container: spec.name },
        'a container that failed to start stays behind',
      );
    });
    throw asStartError(error, spec);
  }
}

async function create(engine: EngineClient, log: Logger, spec: ContainerSpec): Promise<string> {
  try {
    return await createOnce(engine, spec);
  } catch (error) {
    if (statusOf(error) !== 409 || !(await removeNamesake(engine, log, spec))) {
      throw asCreateError(error, spec);
    }
    return await createOnce(engine, spec);
  }
}

async function createOnce(engine: EngineClient, spec: ContainerSpec): Promise<string> {
  const { name, platform } = spec;
  const _query = { name, ...(platform !== undefined && { platform }) };
  // Without these two dockerode repeats the whole body, the environment's secrets included, in the URL.
  const options = { name, _query, _body: createBody(spec) };
  const { id } = await engine.ask((docker) => docker.createContainer(options));
  return id;
}

function createBody(spec: ContainerSpec): Docker.ContainerCreateOptions {
  const ports = [spec.containerPort, ...(spec.extraPorts ?? [])].map((port) => `${port}/tcp`);
  return {
    Image: spec.image,
    Cmd: [...spec.command],
    Env: Object.entries(spec.environment).map(([name, value]) => `${name}=${value}`),
    Labels: { ...spec.labels, [PORT_LABEL]: String(spec.containerPort) },
    ExposedPorts: Object.fromEntries(ports.map((port) => [port, {}])),
    // SageMaker sends SIGTERM whatever STOPSIGNAL the image asks for.
    StopSignal: 'SIGTERM',
    HostConfig: {
      ...restrictions(),
      // An empty port lets the engine choose a free one.
      PortBindings: Object.fromEntries(
        ports.map((port) => [port, [{ HostIp: '127.0.0.1', HostPort: '' }]]),
      ),
      // Unlike `Binds`, a mount whose source is missing is refused instead of created as a folder of root's.
      Mounts: spec.mounts.map((mount) => ({
        Type: mount.volume === true ? 'volume' : 'bind',
        Source: mount.source,
        Target: mount.target,
        ReadOnly: mount.writable !== true,
      })),
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
    },
  };
}

/** A container of the same name and labels is our own, left by a crash: the new one takes its place. */
async function removeNamesake(
  engine: EngineClient,
  log: Logger,
  spec: ContainerSpec,
): Promise<boolean> {
  const labels = await labelsOf(engine, spec.name);
  if (labels === undefined) return true; // gone meanwhile
  const wanted = Object.entries(spec.labels);
  const ours = wanted.length > 0 && wanted.every(([name, value]) => labels[name] === value);
  if (!ours) return false;
  log.info({ container: spec.name }, 'removing a container of the same name that was left behind');
  await removeContainer(engine, spec.name);
  return true;
}

async function labelsOf(
  engine: EngineClient,
  name: string,
): Promise<Record<string, string> | undefined> {
  try {
    const { Config } = await engine.ask((docker) => docker.getContainer(name).inspect());
    return Config.Labels ?? {};
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** The engine picks the port before it binds it, so another process can take it in between; the next try gets another. */
async function startOnFreePort(
  engine: EngineClient,
  log: Logger,
  spec: ContainerSpec,
  id: string,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await engine.ask((docker) => docker.getContainer(id).start());
      return;
    } catch (error) {
      if (attempt === PORT_ATTEMPTS || !isPortConflict(error)) throw error;
      log.debug({ container: spec.name, attempt }, 'the engine chose a port that is taken');
    }
  }
}

function isPortConflict(error: unknown): boolean {
  return /driver failed programming external connectivity|port is already allocated|address already in use/i.test(
    engineMessage(error),
  );
}

async function observe(engine: EngineClient, spec: ContainerSpec, id: string): Promise<Started> {
  const info = await engine.ask((docker) => docker.getContainer(id).inspect());
  return {
    id,
    name: spec.name,
    labels: info.Config.Labels ?? {},
    running: info.State.Running,
    address: publishedAddress(info, spec.containerPort),
    ...(spec.extraPorts && {
      extraAddresses: Object.fromEntries(
        spec.extraPorts.map((port) => [port, publishedAddress(info, port)]),
      ),
    }),
  };
}
