import type { Change } from './changes.js';
import { differingFile } from './loaded-files.js';
import type { Mailbox, WorkerReport } from './mailbox.js';
import type { TierResult } from './result.js';

/** A worker that has not answered by then is stuck, unless it says that it is at work. */
const ANSWER_MS = 5_000;

/** A model that is loaded anew may take as long as a container's start may. */
const MODEL_MS = 480_000;

/**
 * Has every toolkit worker of a container take up the changes, inside its own process. Done only when each runs what is on
 * this machine's disk: some images copy the folder that is mounted, and what they copied does not change.
 *
 * @param sourceDirectory the host's folder behind /opt/ml/model/code
 */
export async function reloadInPlace(
  mailbox: Mailbox,
  sourceDirectory: string | undefined,
  changes: readonly Change[],
  signal: AbortSignal,
): Promise<TierResult> {
  const id = await mailbox.request(changes.map(({ path }) => path));
  const workers = await answers(mailbox, id, signal);
  if (workers === undefined) return { kind: 'cannot', reason: 'a worker did not answer' };
  const refused = refusal(workers);
  if (refused !== undefined) return refused;
  const other = await differingFile(workers, changes, sourceDirectory);
  if (other) return { kind: 'cannot', reason: `a worker runs another ${other} than the one saved` };
  return { kind: 'done', detail: describe(workers) };
}

async function answers(
  mailbox: Mailbox,
  id: number,
  signal: AbortSignal,
): Promise<WorkerReport[] | undefined> {
  const within = (limit: number) => AbortSignal.any([signal, AbortSignal.timeout(limit)]);
  const soon = await mailbox.answers(id, within(ANSWER_MS));
  if (soon !== undefined) return soon;
  const busy = mailbox.workers().some(({ state }) => state === 'reloading');
  return busy ? mailbox.answers(id, within(MODEL_MS)) : undefined;
}

/** All workers are sent the same files, so they agree; where they do not, the worst answer counts. */
function refusal(workers: readonly WorkerReport[]): TierResult | undefined {
  const outcomes = workers.flatMap(({ outcome }) => outcome ?? []);
  const failed = outcomes.find(({ kind }) => kind === 'failed');
  if (failed)
    return { kind: 'failed', failure: failed.traceback ?? failed.reason ?? 'no traceback' };
  const cannot = outcomes.find(({ kind }) => kind === 'cannot');
  return cannot && { kind: 'cannot', reason: cannot.reason ?? 'the agent does not say why' };
}

function describe(workers: readonly WorkerReport[]): string {
  const outcomes = workers.flatMap(({ outcome }) => outcome ?? []);
  const functions = [...new Set(outcomes.flatMap((outcome) => outcome.functions))];
  const hooks = functions.length > 0 ? `${functions.join(', ')} changed` : 'no hook changed';
  const model = outcomes.some((outcome) => outcome.model === 'loaded') ? 'loaded anew' : 'kept';
  return `${hooks}, model ${model}`;
}
