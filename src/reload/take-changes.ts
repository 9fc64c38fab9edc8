import type { ContainerEngine } from '../containers/engine.js';
import type { ServingContainer } from '../hosting/serving.js';
import type { Change } from './changes.js';
import { reloadInPlace } from './in-place.js';
import type { Mailbox, WorkerReport } from './mailbox.js';
import { findServer, processesOf, type Server } from './processes.js';
import { type ContainerFacts, planReload, type ReloadPlan, type Tier } from './reload-plan.js';
import type { TierResult } from './result.js';
import { renewWorkers } from './workers.js';

/** Calls that have waited this long for their container go on, and take their chance. */
const HOLD_LIMIT_MS = 30_000;

/** What the tiers need of hosting. */
export interface TierParts {
  readonly engine: ContainerEngine;
  readonly serving: (endpointName: string) => readonly ServingContainer[];
  readonly mailboxOf: (containerName: string) => Mailbox;
  /** Keeps an endpoint's new calls waiting; the returned function lets them go on. */
  readonly hold: (endpointName: string) => () => void;
  /** Brings fresh containers up beside the old; resolves with why it failed, if it did. */
  readonly replace: (
    endpointName: string,
    cause: string,
    signal: AbortSignal,
  ) => Promise<string | undefined>;
}

/** How changes were taken, or why they were not. */
export interface Taken extends ReloadPlan {
  readonly result: Exclude<TierResult, { kind: 'cannot' }>;
}

/**
 * Takes changes to what serves: by the planned tier, and by the next dearer one where that tier finds that it cannot.
 *
 * @param onFallback told of each tier that could not
 */
export async function takeChanges(
  parts: TierParts,
  endpointName: string,
  changes: readonly Change[],
  signal: AbortSignal,
  onFallback: (tier: Tier, reason: string) => void,
): Promise<Taken> {
  const ruledOut = new Map<Tier, string>();
  for (;;) {
    const containers = parts.serving(endpointName);
    const found = await lookAt(parts, containers, ruledOut.size > 0, signal);
    const facts = found.map(factsOf);
    const plan = planReload(changes, facts, ruledOut);
    const result = await runTier(parts, endpointName, plan, found, changes, signal);
    signal.throwIfAborted();
    if (result.kind !== 'cannot') return { ...plan, result };
    ruledOut.set(plan.tier, result.reason);
    onFallback(plan.tier, result.reason);
  }
}

async function runTier(
  parts: TierParts,
  endpointName: string,
  { tier, cause }: ReloadPlan,
  containers: readonly Found[],
  changes: readonly Change[],
  signal: AbortSignal,
): Promise<TierResult> {
  if (tier === 'in-place') {
    return worst(
      await Promise.all(
        containers.map((container) =>
          reloadInPlace(
            parts.mailboxOf(container.name),
            container.sourceDirectory,
            changes,
            signal,
          ),
        ),
      ),
    );
  }
  if (tier === 'workers') return byWorkers(parts, endpointName, containers, changes, signal);
  const failure = await parts.replace(endpointName, cause, signal);
  return failure === undefined ? { kind: 'done', detail: cause } : { kind: 'failed', failure };
}

/** The calls of all containers are held until the last of them has its new workers. */
async function byWorkers(
  parts: TierParts,
  endpointName: string,
  containers: readonly Found[],
  changes: readonly Change[],
  signal: AbortSignal,
): Promise<TierResult> {
  const { engine } = parts;
  let release = () => {};
  const drain = once(async () => {
    release = holdFor(parts, endpointName);
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(HOLD_LIMIT_MS)]);
    await Promise.all(containers.map(({ backend }) => backend.drained(deadline)));
    // To whom an open connection leads is a worker that is about to go.
    for (const { backend } of containers) backend.reconnect();
  });
  try {
    return worst(
      await Promise.all(
        containers.map(async ({ id, name, sourceDirectory, server }): Promise<TierResult> => {
          if (server === undefined) return { kind: 'cannot', reason: 'its server has gone' };
          const mailbox = parts.mailboxOf(name);
          const workers = { engine, mailbox, sourceDirectory, changes, drain };
          return renewWorkers(workers, id, server, signal);
        }),
      ),
    );
  } finally {
    release();
  }
}

function once<T>(work: () => T): () => T {
  let result: { readonly value: T } | undefined;
  return () => {
    result ??= { value: work() };
    return result.value;
  };
}

function holdFor({ hold }: TierParts, endpointName: string): () => void {
  const release = hold(endpointName);
  const limit = setTimeout(release, HOLD_LIMIT_MS);
  return () => {
    clearTimeout(limit);
    release();
  };
}

/** All containers run the same files, so they agree; where they do not, the worst answer counts. */
function worst(results: readonly TierResult[]): TierResult {
  const of = (kind: TierResult['kind']) => results.find((result) => result.kind === kind);
  return of('failed') ?? of('cannot') ?? results[0] ?? { kind: 'cannot', reason: 'nothing serves' };
}

/** A serving container with what was seen in it. */
interface Found extends ServingContainer {
  readonly workers: readonly WorkerReport[];
  readonly server: Server | undefined;
}

/** Looking for a server is a command in the container, so it is done only where its answer can matter. */
async function lookAt(
  parts: TierParts,
  containers: readonly ServingContainer[],
  inPlaceRuledOut: boolean,
  signal: AbortSignal,
): Promise<Found[]> {
  return Promise.all(
    containers.map(async (container) => {
      const workers = parts.mailboxOf(container.name).workers();
      const look = agentsOf(workers) === 0 || inPlaceRuledOut;
      const server = look
        ? findServer(await processesOf(parts.engine, container.id, signal))
        : undefined;
      return { ...container, workers, server };
    }),
  );
}

function factsOf({ workers, server }: Found): ContainerFacts {
  const importsCode = workers.some(({ modules }) => Object.keys(modules).length > 0);
  return { agents: agentsOf(workers), importsCode, server: server?.kind };
}

function agentsOf(workers: readonly WorkerReport[]): number {
  return workers.filter(({ kind }) => kind !== 'plain').length;
}
