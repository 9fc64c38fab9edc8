import { existsSync } from 'node:fs';
import type { ContainerEngine, ObservedContainer } from '../containers/engine.js';
import { ENDPOINT_LABEL } from '../containers/labels.js';
import { isEngineAway } from '../hosting/engine-away.js';
import type { EndpointRecord } from '../hosting/records.js';
import { peekCollection } from '../state/store.js';
import { ownContainers } from './own-containers.js';
import type { StateFolder } from './state-folder.js';

/** What `smlocal status --json` prints where no daemon runs and something is left of one. */
export interface LeftBehind {
  readonly running: false;
  readonly stateDir: string;
  /** Whether the last daemon ended without having been stopped. */
  readonly crashed: boolean;
  /** False where no container engine answers, so that nobody knows of containers. */
  readonly engineAnswers: boolean;
  readonly endpoints: readonly EndpointLeft[];
  /** Containers of no endpoint that there is a record of. */
  readonly others: readonly ContainerLeft[];
}

export interface EndpointLeft {
  readonly EndpointName: string;
  /** As it was when it was last written down. */
  readonly EndpointStatus: string;
  readonly containers: readonly ContainerLeft[];
}

export interface ContainerLeft {
  readonly id: string;
  readonly running: boolean;
}

/** What a state folder and the engine hold of a daemon that runs no more; changes nothing. */
export async function leftBehind(
  folder: StateFolder,
  engine: ContainerEngine,
): Promise<LeftBehind> {
  const containers = await containersLeft(folder, engine);
  const directory = folder.records('endpoints');
  const records = existsSync(directory) ? peekCollection<EndpointRecord>(directory) : [];
  const names = new Set<string | undefined>(records.map(({ EndpointName }) => EndpointName));
  const of = (wanted: (endpointName: string | undefined) => boolean) =>
    (containers ?? [])
      .filter(({ labels }) => wanted(labels[ENDPOINT_LABEL]))
      .map(({ id, running }) => ({ id: id.slice(0, 12), running }));
  return {
    running: false,
    stateDir: folder.path,
    crashed: folder.readAddress() !== undefined,
    engineAnswers: containers !== undefined,
    endpoints: records.map(({ EndpointName, EndpointStatus }) => ({
      EndpointName,
      EndpointStatus,
      containers: of((name) => name === EndpointName),
    })),
    others: of((name) => !names.has(name)),
  };
}

async function containersLeft(
  folder: StateFolder,
  engine: ContainerEngine,
): Promise<ObservedContainer[] | undefined> {
  try {
    return await ownContainers(engine, folder.id);
  } catch (error) {
    if (isEngineAway(error)) return undefined;
    throw error;
  }
}
