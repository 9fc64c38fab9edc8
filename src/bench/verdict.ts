import { type Interval, pairedInterval, unpairedInterval } from './ranks.js';
import type { RoundFigures } from './recorder.js';

export const COMPARED = ['throughput', 'p50', 'p90', 'p99'] as const;

/** How one figure of the second lot stands to that of the first, as a ratio: 0.88 is 12 % less. */
export interface Change {
  readonly figure: (typeof COMPARED)[number];
  readonly ratio: Interval;
}

export interface Verdict {
  /** Of the second against the first, by the median latency; `unknown` where there were too few rounds. */
  readonly second: 'faster' | 'slower' | 'no difference' | 'unknown';
  readonly changes: readonly Change[];
  /** How many rounds of each count: those in which anything was answered. */
  readonly rounds: readonly [number, number];
}

/** The figure that decides: one, and chosen beforehand, or the luckiest of four would. */
const DECIDES = 'p50';

/**
 * Whether the second of two is faster than the first, by the differences between rounds.
 * @param taken `in turn`: round by round, so that what the machine did meanwhile touched both; else apart from each other
 */
export function verdictOn(
  first: readonly RoundFigures[],
  second: readonly RoundFigures[],
  taken: 'in turn' | 'apart',
): Verdict {
  const lots =
    taken === 'in turn' ? bothAnswered(first, second) : [answered(first), answered(second)];
  const [a = [], b = []] = lots;
  const changes = COMPARED.flatMap((figure): Change[] => {
    const before = a.map((round) => Math.log(round[figure]));
    const after = b.map((round) => Math.log(round[figure]));
    const difference =
      taken === 'in turn'
        ? pairedInterval(after.map((value, index) => value - (before[index] ?? 0)))
        : unpairedInterval(after, before);
    return difference === undefined ? [] : [{ figure, ratio: asRatio(difference) }];
  });
  const decisive = changes.find(({ figure }) => figure === DECIDES)?.ratio;
  return { second: wordFor(decisive), changes, rounds: [a.length, b.length] };
}

function wordFor(ratio: Interval | undefined): Verdict['second'] {
  if (ratio === undefined) return 'unknown';
  if (ratio.high < 1) return 'faster';
  return ratio.low > 1 ? 'slower' : 'no difference';
}

function asRatio({ estimate, low, high }: Interval): Interval {
  return { estimate: Math.exp(estimate), low: Math.exp(low), high: Math.exp(high) };
}

function answered(rounds: readonly RoundFigures[]): RoundFigures[] {
  return rounds.filter(({ throughput, p50 }) => throughput > 0 && p50 > 0);
}

/** Of pairs only those count in which both were answered. */
function bothAnswered(
  first: readonly RoundFigures[],
  second: readonly RoundFigures[],
): [RoundFigures[], RoundFigures[]] {
  const pairs = first.flatMap((a, index) => {
    const b = second[index];
    return b !== undefined && answered([a, b]).length === 2 ? [{ a, b }] : [];
  });
  return [pairs.map(({ a }) => a), pairs.map(({ b }) => b)];
}
