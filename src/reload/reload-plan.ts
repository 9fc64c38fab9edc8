import type { Change } from './changes.js';

/** From the cheapest to the dearest: inside the live worker; its workers anew; a container beside the old one. */
export type Tier = 'in-place' | 'workers' | 'replace';

/** A server whose workers can be made anew while its container stays. */
export type ServerKind = 'gunicorn' | 'uvicorn' | 'torchserve' | 'multi-model-server';

/** What is known of one serving container. */
export interface ContainerFacts {
  /** How many of its workers run SageMaker's toolkit with our agent in them. */
  readonly agents: number;
  /** Whether a process of it has imported something from the code folder, as far as our agent saw. */
  readonly importsCode: boolean;
  /** The server in it, if it is one of those and was looked for. */
  readonly server: ServerKind | undefined;
}

export interface ReloadPlan {
  readonly tier: Tier;
  /** Why this tier and none cheaper. */
  readonly cause: string;
}

/** Files of the code folder that are read when a container starts, and at no other time. */
const READ_AT_START = new Set(['requirements.txt', 'setup.py', 'setup.cfg', 'pyproject.toml']);

/**
 * The cheapest tier that is right for a batch of changes. Pure.
 *
 * @param changes what has changed; none when a person asked for a reload
 * @param containers what is known of each container that serves the endpoint
 * @param ruledOut the tiers that were tried and could not, with their reasons
 */
export function planReload(
  changes: readonly Change[],
  containers: readonly ContainerFacts[],
  ruledOut: ReadonlyMap<Tier, string> = new Map(),
): ReloadPlan {
  const dear = changes.map(needsNewContainer).find((cause) => cause !== undefined);
  if (dear !== undefined) return { tier: 'replace', cause: dear };
  if (containers.length === 0) return { tier: 'replace', cause: 'no container serves' };
  const notInPlace = ruledOut.get('in-place') ?? whyNotInPlace(containers);
  if (notInPlace === undefined) return { tier: 'in-place', cause: 'every worker runs the toolkit' };
  const notByWorkers = ruledOut.get('workers') ?? whyNotByWorkers(containers);
  if (notByWorkers === undefined) return { tier: 'workers', cause: notInPlace };
  return { tier: 'replace', cause: `${notInPlace}; ${notByWorkers}` };
}

function needsNewContainer({ root, path }: Change): string | undefined {
  if (root === 'model') return `${path} is model data`;
  return READ_AT_START.has(path) ? `${path} is read when a container starts` : undefined;
}

function whyNotInPlace(containers: readonly ContainerFacts[]): string | undefined {
  const without = containers.some(({ agents }) => agents === 0);
  return without ? 'no worker runs the SageMaker toolkit' : undefined;
}

function whyNotByWorkers(containers: readonly ContainerFacts[]): string | undefined {
  if (containers.some(({ server }) => server === undefined)) {
    return 'no server in the container can renew its workers';
  }
  const elsewhere = containers.some(({ importsCode }) => !importsCode);
  return elsewhere ? 'no worker has imported anything from the code folder' : undefined;
}
