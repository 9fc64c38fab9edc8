import type { Logger } from '../log.js';
import { describeEngine } from './describe.js';
import type { ContainerEngine } from './engine.js';
import { createEngineClient } from './engine-client.js';
import { execInContainer } from './exec.js';
import { hostAddresses } from './host-address.js';
import { createImages } from './images.js';
import { listImages } from './list-images.js';
import { containerLogs } from './logs.js';
import { listContainers, waitForExit } from './observe.js';
import { removeContainer, removeVolume, stopContainer } from './remove.js';
import { startContainer } from './start.js';
import { createUsage } from './usage.js';

export interface DockerEngineOptions {
  readonly log: Logger;
  /** The engine's URL (`unix:///var/run/docker.sock`); looked up like the docker command does where absent. */
  readonly dockerHost?: string;
}

/** Docker, or what speaks its API. Nothing is loaded or connected before the first call. */
export function createDockerEngine({ log, dockerHost }: DockerEngineOptions): ContainerEngine {
  const engine = createEngineClient(dockerHost);
  const images = createImages(engine, log);
  return {
    describe: (signal) => describeEngine(engine, signal),
    ensureImage: (reference, options) => images.ensure(reference, options),
    images: () => listImages(engine),
    start: (spec, signal) => startContainer(engine, log, spec, signal),
    list: (labels) => listContainers(engine, labels),
    waitForExit: (id, signal) => waitForExit(engine, id, signal),
    exec: (id, command, signal) => execInContainer(engine, id, command, signal),
    usage: createUsage(engine),
    hostAddresses: () => hostAddresses(engine),
    stop: (id, graceSeconds) => stopContainer(engine, id, graceSeconds),
    remove: (id) => removeContainer(engine, id),
    removeVolume: (name) => removeVolume(engine, name),
    logs: (id, options) => containerLogs(engine, id, options),
  };
}
