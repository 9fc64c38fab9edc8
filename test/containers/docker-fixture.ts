import { randomBytes } from 'node:crypto';
import { globalAgent } from 'node:http';
import { afterEach, vi } from 'vitest';
import { createDockerEngine } from '../../src/containers/docker.js';
import type { ContainerSpec } from '../../src/containers/engine.js';
import { STATE_LABEL } from '../../src/containers/labels.js';
import { createLogger } from '../../src/log.js';
import type { EngineFixture } from './contract.js';
import { BASE_IMAGE } from './test-image.js';

export interface DockerFixture extends EngineFixture {
  /** What to start for a shell script in the base image. */
  spec(script: string, changes?: Partial<ContainerSpec>): ContainerSpec;
}

/** The real engine, for one test file. */
export function useDocker(): DockerFixture {
  const engine = createDockerEngine({ log: createLogger() });
  const state = `test-${randomBytes(6).toString('hex')}`;
  const labels = { [STATE_LABEL]: state };
  afterEach(async () => {
    await Promise.all((await engine.list(labels)).map(({ id }) => engine.remove(id)));
  });
  const spec = (script: string, changes: Partial<ContainerSpec> = {}): ContainerSpec => ({
    name: `smlocal-${state}-${randomBytes(4).toString('hex')}`,
    image: BASE_IMAGE,
    command: ['sh', '-c', script],
    environment: {},
    mounts: [],
    labels,
    containerPort: 8080,
    ...changes,
  });
  return { engine, labels, spec, run: (...args) => engine.start(spec(...args)) };
}

/** Waits until no request to the engine holds a connection; those that only wait to be used again do not count. */
export async function noConnectionsHeld(): Promise<void> {
  await vi.waitFor(() => {
    const held = Object.values(globalAgent.sockets).flat().length;
    if (held > 0) throw new Error(`${held} connections are held.`);
  });
}
