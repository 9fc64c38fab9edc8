import { type HistogramRow, histogramRows } from './histogram.js';
import { Latencies, type LatencyFigures } from './latencies.js';
import type { Sent } from './load.js';

/** How a request ended. */
export type Outcome =
  | { readonly ok: true; readonly variant: string | undefined }
  | {
      readonly ok: false;
      /** What failures of one sort share: status and code, or what happened to the connection. */
      readonly kind: string;
      readonly message: string;
      /** Whether it got as far as the endpoint; false where nobody answers, or where none of this kind is let in. */
      readonly reached: boolean;
    };

export interface ErrorFigures {
  readonly kind: string;
  readonly count: number;
  /** What the first of them said. */
  readonly example: string;
}

/** A part of a run: what the noise is told by. */
export interface RoundFigures {
  readonly answered: number;
  readonly failed: number;
  readonly elapsedMs: number;
  /** Answers a second. */
  readonly throughput: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

/** What was measured of one load. */
export interface Figures {
  readonly answered: number;
  readonly failed: number;
  readonly elapsedMs: number;
  /** Answers a second. */
  readonly throughput: number;
  /** Of the requests that were answered; undefined where none was. */
  readonly latencyMs: LatencyFigures | undefined;
  readonly histogram: readonly HistogramRow[];
  /** The commonest first. */
  readonly errors: readonly ErrorFigures[];
  /** Answers by the variant that gave them. */
  readonly variants: Readonly<Record<string, number>>;
  /** By how much requests went out after they were due; of an open loop. */
  readonly lateMs: LatencyFigures | undefined;
  readonly rounds: readonly RoundFigures[];
}

interface Round {
  readonly latencies: Latencies;
  failed: number;
  endMs: number;
}

/** Takes in the outcomes of a load, in rounds. */
export class Recorder {
  readonly #latencies = new Latencies();
  readonly #late = new Latencies();
  readonly #rounds = new Map<number, Round>();
  readonly #errors = new Map<string, { count: number; example: string }>();
  readonly #variants = new Map<string, number>();
  #failed = 0;
  #endMs = 0;

  /**
   * @param doneMs in time that was measured: what lies between two rounds is not counted
   * @param round which of the run's parts it is of; parts follow each other
   */
  add(outcome: Outcome, sent: Sent, doneMs: number, round: number): void {
    const part = this.#round(round);
    part.endMs = Math.max(part.endMs, doneMs);
    this.#endMs = Math.max(this.#endMs, doneMs);
    this.#late.add(sent.sentMs - sent.dueMs);
    if (outcome.ok) {
      this.#latencies.add(doneMs - sent.dueMs);
      part.latencies.add(doneMs - sent.dueMs);
      const variant = outcome.variant ?? '';
      this.#variants.set(variant, (this.#variants.get(variant) ?? 0) + 1);
      return;
    }
    this.#failed += 1;
    part.failed += 1;
    const known = this.#errors.get(outcome.kind);
    if (known === undefined) this.#errors.set(outcome.kind, { count: 1, example: outcome.message });
    else known.count += 1;
  }

  get answered(): number {
    return this.#latencies.count;
  }

  get failed(): number {
    return this.#failed;
  }

  /** The latency that so many of a hundred are not above, in milliseconds. */
  percentile(percent: number): number {
    return this.#latencies.percentile(percent);
  }

  /** @param isOpenLoop whether requests had a time at which they were due */
  figures(isOpenLoop: boolean): Figures {
    const latencyMs = this.#latencies.figures();
    return {
      ...{ answered: this.answered, failed: this.#failed, elapsedMs: this.#endMs },
      throughput: aSecond(this.answered, this.#endMs),
      latencyMs,
      histogram: histogramRows([...this.#latencies.seen()]),
      errors: [...this.#errors]
        .map(([kind, { count, example }]) => ({ kind, count, example }))
        .sort((a, b) => b.count - a.count),
      variants: Object.fromEntries(this.#variants),
      lateMs: isOpenLoop ? this.#late.figures() : undefined,
      rounds: this.#roundFigures(),
    };
  }

  #round(index: number): Round {
    let round = this.#rounds.get(index);
    if (round === undefined) {
      round = { latencies: new Latencies(), failed: 0, endMs: 0 };
      this.#rounds.set(index, round);
    }
    return round;
  }

  /** Each lasts from the last answer of the one before to its own last answer. */
  #roundFigures(): RoundFigures[] {
    let begun = 0;
    const rounds = [...this.#rounds].sort(([a], [b]) => a - b).map(([, round]) => round);
    return rounds.map(({ latencies, failed, endMs }) => {
      const elapsedMs = Math.max(0, endMs - begun);
      begun = Math.max(begun, endMs);
      return {
        ...{ answered: latencies.count, failed, elapsedMs },
        throughput: aSecond(latencies.count, elapsedMs),
        ...{ p50: latencies.percentile(50), p90: latencies.percentile(90) },
        p99: latencies.percentile(99),
      };
    });
  }
}

function aSecond(count: number, elapsedMs: number): number {
  return elapsedMs > 0 ? (count * 1000) / elapsedMs : 0;
}
