import { setTimeout as delay } from 'node:timers/promises';
import type { ContainerEngine } from '../containers/engine.js';
import type { Change } from './changes.js';
import { differingFile } from './loaded-files.js';
import type { Mailbox, WorkerReport } from './mailbox.js';
import { findServer, processesOf, type Server } from './processes.js';
import type { TierResult } from './result.js';
import { isGentle, whyNotRenew } from './trial.js';

/** How often the mailbox is looked into for the new workers. */
const POLL_MS = 10;

/** How often they are looked for by a command in the container, which takes a tenth of a second itself. */
const LOOK_MS = 100;

/** The same where they say themselves that they are there, for one that ended without a word. */
const SECOND_LOOK_MS = 2_000;

/** New workers import the handler's packages, which takes seconds where PyTorch is one of them. */
const RENEWAL_MS = 60_000;

export interface WorkersParts {
  readonly engine: ContainerEngine;
  readonly mailbox: Mailbox;
  /** The host's folder behind /opt/ml/model/code. */
  readonly sourceDirectory: string | undefined;
  readonly changes: readonly Change[];
  /**
   * Keeps new calls waiting from now on, until the caller has every container's result; resolves when none is in flight, and
   * none will come on a connection that is open already.
   */
  readonly drain: () => Promise<void>;
}

/**
 * Has the server of a container make its workers anew, so that they import the changed files.
 *
 * gunicorn and uvicorn start new workers on SIGHUP, and end the old ones, which take no call any more and close connections
 * on which one may just be coming. TorchServe and multi-model-server start a worker again when it is gone, but fail the call
 * that it was on. So no call is on its way then; and whether new workers would come up is tried before.
 */
export async function renewWorkers(
  parts: WorkersParts,
  id: string,
  server: Server,
  signal: AbortSignal,
): Promise<TierResult> {
  const { engine, drain } = parts;
  const { master, workers } = server;
  const refused = await whyNotRenew(engine, id, server, signal);
  if (refused !== undefined) return refused;
  await drain();
  const gentle = isGentle(server);
  const pids = (gentle ? [master] : workers).map(({ pid }) => pid);
  await kill(engine, id, gentle ? 'HUP' : 'KILL', pids, signal);
  return renewed(parts, id, server, signal);
}

async function kill(
  engine: ContainerEngine,
  id: string,
  name: string,
  pids: readonly number[],
  signal: AbortSignal,
): Promise<void> {
  // The shell's own kill: many images have no such program.
  await engine.exec(id, ['/bin/sh', '-c', `kill -${name} ${pids.join(' ')}`], signal);
}

/**
 * Waits until no old worker is left and each new one has imported what is on disk, where the old ones said what they had.
 * Among the old of a server that ends them itself may be some that were leaving already, so it is by those who said something
 * that the new are counted; of the others each one that was ended is started again, also if it had not come so far.
 */
async function renewed(
  parts: WorkersParts,
  id: string,
  before: Server,
  signal: AbortSignal,
): Promise<TierResult> {
  const { engine, mailbox } = parts;
  const old = new Set(before.workers.map(({ pid }) => pid));
  const tellers = mailbox.workers().filter(({ pid }) => old.has(pid)).length;
  const wanted = isGentle(before) ? tellers : old.size;
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(RENEWAL_MS)]);
  let looked = performance.now();
  let seen = '';
  while (!deadline.aborted) {
    const told = settledReports(mailbox);
    const isTold = told.length >= wanted && told.every(({ pid }) => !old.has(pid));
    if (tellers > 0 && isTold) return outcome(parts, before, told.length, told);
    if (performance.now() - looked > (tellers > 0 ? SECOND_LOOK_MS : LOOK_MS)) {
      const now = findServer(await processesOf(engine, id, deadline))?.workers ?? [];
      const pids = new Set(now.map(({ pid }) => pid));
      const reports = told.filter(({ pid }) => pids.has(pid));
      // The same twice: the server has started as many as it wants.
      const settled = seen === String([...pids]);
      seen = String([...pids]);
      const fresh = settled && now.length > 0 && now.every(({ pid }) => !old.has(pid));
      if (fresh && (tellers === 0 || reports.length >= now.length))
        return outcome(parts, before, now.length, reports);
      looked = performance.now();
    }
    await delay(POLL_MS);
  }
  return {
    kind: 'cannot',
    reason: `${before.kind} did not renew its workers in ${RENEWAL_MS / 1000} s`,
  };
}

/** What the workers say that have loaded their code, or failed to. */
function settledReports(mailbox: Mailbox): WorkerReport[] {
  return mailbox.workers().filter(({ state }) => state === 'ready' || state === 'failed');
}

async function outcome(
  { changes, sourceDirectory }: WorkersParts,
  { kind }: Server,
  count: number,
  reports: readonly WorkerReport[],
): Promise<TierResult> {
  const failed = reports.find(({ state }) => state === 'failed');
  if (failed !== undefined) {
    return {
      kind: 'failed',
      failure: failed.outcome?.traceback ?? 'The handler cannot be loaded.',
    };
  }
  const other = await differingFile(reports, changes, sourceDirectory);
  if (other)
    return {
      kind: 'cannot',
      reason: `a worker runs another ${other} than the one saved`,
    };
  return { kind: 'done', detail: `${count} workers of ${kind}` };
}
