import { ExitCode, SmlocalError } from '../errors.js';
import type { Asker, Question } from './ask.js';
import { type Load, runLoad } from './load.js';
import type { Address } from './look-up.js';
import { type Measured, measureAlone, measureInTurn, type Party } from './measure.js';
import type { Outcome, Recorder } from './recorder.js';
import { nameOf, type RunReport } from './report.js';

export interface SessionParts {
  readonly asker: Asker;
  /** Of the one that is measured, or of the two that are compared. */
  readonly questions: readonly [Question] | readonly [Question, Question];
  /** As many at once; each is measured by itself. */
  readonly levels: readonly number[];
  readonly load: Omit<Load, 'concurrency'>;
  readonly warmUp: Omit<Load, 'concurrency' | 'rate'> | undefined;
  readonly rounds: number;
  readonly signal: AbortSignal;
  /** For whoever shows what is being done. */
  readonly onActivity: (text: string) => void;
  readonly onRecorder: (recorder: Recorder, label: string) => void;
}

export interface Session {
  readonly runs: readonly RunReport[];
  readonly startedAt: Date;
  readonly endedAt: Date;
  /** What part of the time this process was at work. */
  readonly clientBusy: number;
  /** Ended because none of the requests got as far as the endpoint. */
  readonly unreachable: boolean;
}

/** So many in a row that did not reach the endpoint, and it is no use to go on. */
const GIVE_UP_AFTER = 50;

/**
 * Warms up and measures: one after the other by levels, two in turn.
 * @throws SmlocalError where nobody is reached even in the warm-up
 */
export async function runSession(parts: SessionParts): Promise<Session> {
  const streak = new Streak(parts.signal);
  const parties = parts.questions.map((question) => ({
    address: addressOf(question),
    ready: (index: number) => parts.asker.ready(question, index),
    send: streak.watch((index: number) => parts.asker.send(question, index)),
  }));
  for (const question of parts.questions) await parts.asker.prepare(question);
  await warmUp(parties, parts, streak);
  const startedAt = new Date();
  const before = performance.eventLoopUtilization();
  const runs: RunReport[] = [];
  for (const concurrency of parts.levels) {
    if (streak.signal.aborted) break;
    runs.push(...(await measure(parties, { ...parts.load, concurrency }, parts, streak.signal)));
  }
  const clientBusy = performance.eventLoopUtilization(before).utilization;
  return { runs, startedAt, endedAt: new Date(), clientBusy, unreachable: streak.isGivenUp };
}

interface Addressed extends Party {
  readonly address: Address;
}

function addressOf({ endpointName, variantName }: Question): Address {
  return variantName === undefined ? { endpointName } : { endpointName, variantName };
}

async function measure(
  parties: readonly Addressed[],
  load: Load,
  { rounds, levels, onRecorder }: SessionParts,
  signal: AbortSignal,
): Promise<RunReport[]> {
  const label = ({ address }: Addressed) =>
    levels.length > 1 ? `${nameOf(address)}, ${load.concurrency} at once` : nameOf(address);
  const measureParts = {
    ...{ rounds, signal },
    onRecorder: (recorder: Recorder, index: number) => {
      const party = parties[index];
      if (party !== undefined) onRecorder(recorder, label(party));
    },
  };
  const [first, second] = parties;
  if (first === undefined) return [];
  const found: Measured[] =
    second === undefined
      ? [await measureAlone(first, load, measureParts)]
      : await measureInTurn([first, second], load, measureParts);
  return found.flatMap(({ figures, ...counts }, index) => {
    const address = parties[index]?.address;
    if (address === undefined) return [];
    return [{ ...address, concurrency: load.concurrency, ...counts, ...figures }];
  });
}

async function warmUp(
  parties: readonly Addressed[],
  { warmUp: load, levels, onActivity }: SessionParts,
  streak: Streak,
): Promise<void> {
  if (load === undefined) return;
  for (const { address, ready, send } of parties) {
    onActivity(`${nameOf(address)}: warming up`);
    await runLoad(
      { ...load, concurrency: levels[0] ?? 1 },
      { ready, send, onOutcome: () => {}, signal: streak.signal },
    );
    if (streak.isGivenUp) throw streak.error(address);
  }
}

/** Counts failures in a row, and ends a run that reaches nobody. */
class Streak {
  readonly #givenUp = new AbortController();
  readonly signal: AbortSignal;
  #length = 0;
  #last: { kind: string; message: string } | undefined;

  constructor(signal: AbortSignal) {
    this.signal = AbortSignal.any([signal, this.#givenUp.signal]);
  }

  get isGivenUp(): boolean {
    return this.#givenUp.signal.aborted;
  }

  watch(send: (index: number) => Promise<Outcome>): (index: number) => Promise<Outcome> {
    return async (index) => {
      const outcome = await send(index);
      this.#take(outcome);
      return outcome;
    };
  }

  error({ endpointName }: Address): SmlocalError {
    const { kind = '', message = '' } = this.#last ?? {};
    return new SmlocalError(
      `None of ${this.#length} requests got as far as ${endpointName}: ${kind}: ${message}`,
      {
        hint: `Try one: smlocal invoke ${endpointName}, or look whether it is there: smlocal status`,
        exitCode: ExitCode.endpointFailed,
      },
    );
  }

  #take(outcome: Outcome): void {
    if (outcome.ok || outcome.reached) {
      this.#length = 0;
      return;
    }
    this.#length += 1;
    this.#last = outcome;
    // The one that ends it is counted before it ends.
    if (this.#length === GIVE_UP_AFTER) setImmediate(() => this.#givenUp.abort());
  }
}
