import { type Load, type LoadResult, runLoad } from './load.js';
import { type Figures, type Outcome, Recorder } from './recorder.js';

/** One of those that are measured: an endpoint or a variant. */
export interface Party {
  /** What a request needs first, and is not measured. */
  readonly ready: (index: number) => Promise<void> | undefined;
  /** Sends the request of this number. */
  readonly send: (index: number) => Promise<Outcome>;
}

/** What was measured of a party. */
export interface Measured {
  readonly sent: number;
  /** Were due and not sent before the time was over. */
  readonly unsent: number;
  /** Were under way when it was ended early. */
  readonly brokenOff: number;
  readonly figures: Figures;
}

export interface MeasureParts {
  /** Into how many parts a run is divided, whose differences tell what is noise. */
  readonly rounds: number;
  readonly signal: AbortSignal;
  /** For whoever shows how far it is. */
  readonly onRecorder: (recorder: Recorder, party: number) => void;
}

/** A load without a pause, its answers put into rounds by when they came. */
export async function measureAlone(
  party: Party,
  load: Load,
  { rounds, signal, onRecorder }: MeasureParts,
): Promise<Measured> {
  const recorder = new Recorder();
  onRecorder(recorder, 0);
  const roundAt = (doneMs: number) => {
    const done = recorder.answered + recorder.failed;
    const share =
      load.durationMs === undefined ? done / (load.requests ?? 1) : doneMs / load.durationMs;
    return Math.min(rounds - 1, Math.floor(share * rounds));
  };
  const result = await runLoad(load, {
    ...{ ready: party.ready, send: party.send },
    onOutcome: (outcome, sent, doneMs) => recorder.add(outcome, sent, doneMs, roundAt(doneMs)),
    signal,
  });
  return summedUp(recorder, [result], load);
}

/**
 * A load for each of two, in rounds that take turns, so that whatever else the machine does meets both; who begins changes
 * with every round.
 */
export async function measureInTurn(
  parties: readonly [Party, Party],
  load: Load,
  { rounds, signal, onRecorder }: MeasureParts,
): Promise<[Measured, Measured]> {
  const both = parties.map((party, index) => {
    const recorder = new Recorder();
    onRecorder(recorder, index);
    return { party, recorder, results: [] as LoadResult[], begunMs: 0, begun: 0 };
  });
  for (const [round, part] of partsOf(load, rounds).entries()) {
    for (const one of round % 2 === 0 ? both : [...both].reverse()) {
      if (signal.aborted) break;
      const { begun, begunMs, recorder } = one;
      const result = await runLoad(part, {
        ready: (index) => one.party.ready(begun + index),
        send: (index) => one.party.send(begun + index),
        onOutcome: (outcome, { index, dueMs, sentMs }, doneMs) => {
          const sent = { index: begun + index, dueMs: begunMs + dueMs, sentMs: begunMs + sentMs };
          recorder.add(outcome, sent, begunMs + doneMs, round);
        },
        signal,
      });
      one.results.push(result);
      one.begun += result.sent;
      one.begunMs += result.elapsedMs;
    }
  }
  const [first, second] = both.map(({ recorder, results }) => summedUp(recorder, results, load));
  if (first === undefined || second === undefined) throw new Error('There are two of them.');
  return [first, second];
}

/** A load in so many parts, which make the whole again. */
export function partsOf(load: Load, rounds: number): Load[] {
  const { requests, durationMs } = load;
  const count = requests === undefined ? rounds : Math.min(rounds, requests);
  return Array.from({ length: count }, (_, index) => ({
    ...load,
    durationMs: durationMs === undefined ? undefined : durationMs / count,
    requests: requests === undefined ? undefined : shareOf(requests, count, index),
  }));
}

function shareOf(whole: number, parts: number, index: number): number {
  return Math.floor((whole * (index + 1)) / parts) - Math.floor((whole * index) / parts);
}

function summedUp(recorder: Recorder, results: readonly LoadResult[], { rate }: Load): Measured {
  const sent = results.reduce((sum, one) => sum + one.sent, 0);
  const figures = recorder.figures(rate !== undefined);
  return {
    sent,
    unsent: results.reduce((sum, one) => sum + one.unsent, 0),
    brokenOff: sent - figures.answered - figures.failed,
    figures,
  };
}
