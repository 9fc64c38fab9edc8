import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Address, ContainerSpec, ImageInfo } from '../containers/engine.js';
import type { ContainerExtras } from '../hosting/container-extras.js';
import { shipped } from '../shipped.js';
import { awaitWorkers } from './await-workers.js';
import { Mailbox } from './mailbox.js';

const AGENT_DIRECTORY = '/opt/smlocal/agent';
/** In the state folder: a mailbox for each container. */
const MAILBOXES = 'mailboxes';

const MAILBOX_DIRECTORY = '/opt/smlocal/mailbox';

/**
 * What pip has downloaded, so that a changed requirements.txt does not fetch all the rest again. A volume of the engine's and
 * not a folder of the user's: pip, which is root in most containers, uses no cache that is another's.
 */
export const PIP_CACHE = { source: 'smlocal-pip-cache', target: '/opt/smlocal/pip-cache' };

/** Has pip use it, also where the image says that it is to use none; `src/python/pip.conf` says how. */
const PIP_SETTINGS = {
  PIP_CACHE_DIR: PIP_CACHE.target,
  PIP_NO_CACHE_DIR: '',
  PIP_CONFIG_FILE: `${AGENT_DIRECTORY}/pip.conf`,
};

/** The agent's Python files. */
const AGENT_SOURCE = shipped('python');

/**
 * Gives containers the reload agent: its files read-only, a mailbox, and a place on Python's path, by which the
 * interpreter loads it at its own start. Only where something of the user's is shown that could be edited.
 */
export class AgentExtras implements ContainerExtras {
  readonly #stateDir: string;

  constructor(stateDir: string) {
    this.#stateDir = stateDir;
  }

  /** The mailbox of the container of this name. */
  mailboxOf(containerName: string): Mailbox {
    return new Mailbox(this.#folderOf(containerName));
  }

  async prepare(spec: ContainerSpec, image: ImageInfo): Promise<ContainerSpec> {
    const cache = join(this.#stateDir, 'cache');
    if (spec.mounts.every(({ source }) => source.startsWith(cache))) return spec;
    const mailbox = this.#folderOf(spec.name);
    await new Mailbox(mailbox).create();
    const ownConfig = image.environment.PIP_CONFIG_FILE;
    const path = spec.environment.PYTHONPATH ?? image.environment.PYTHONPATH;
    return {
      ...spec,
      mounts: [
        ...spec.mounts,
        { source: AGENT_SOURCE, target: AGENT_DIRECTORY },
        { source: mailbox, target: MAILBOX_DIRECTORY, writable: true },
        { ...PIP_CACHE, writable: true, volume: true },
      ],
      environment: {
        ...PIP_SETTINGS,
        ...(ownConfig && { PIP_CONFIG_FILE: ownConfig }),
        ...spec.environment,
        PYTHONPATH: path ? `${AGENT_DIRECTORY}:${path}` : AGENT_DIRECTORY,
        SMLOCAL_MAILBOX: MAILBOX_DIRECTORY,
      },
    };
  }

  async awaitWorkers(
    { name, address }: { name: string; address: Address },
    signal: AbortSignal,
  ): Promise<string | undefined> {
    if (!existsSync(this.#folderOf(name))) return undefined;
    return awaitWorkers(address, this.mailboxOf(name), signal);
  }

  async dispose(containerName: string): Promise<void> {
    await this.mailboxOf(containerName).remove();
  }

  /** Takes away every mailbox: no container is left. */
  async disposeAll(): Promise<void> {
    await rm(join(this.#stateDir, MAILBOXES), { recursive: true, force: true });
  }

  #folderOf(containerName: string): string {
    return join(this.#stateDir, MAILBOXES, containerName);
  }
}
