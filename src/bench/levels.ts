import { type Interval, unpairedInterval } from './ranks.js';
import type { Figures } from './recorder.js';

/** What was measured with so many requests at once. */
export interface Level {
  readonly concurrency: number;
  readonly figures: Figures;
}

/** What asking more at once does to an endpoint. */
export interface LevelEffect {
  /** The least concurrency that reaches nearly the best throughput. */
  readonly enough: number;
  /** Its throughput against that of the first level, as a ratio. */
  readonly gain: Interval;
  /** Its median latency against that of the first level. */
  readonly latency: number;
  /**
   * `together`: several are served in the time of one. `in turn`: they are not, and more at once only wait. `unclear`: the
   * difference is within the noise.
   */
  readonly served: 'together' | 'in turn' | 'unclear';
  /** The best was the last that was tried. */
  readonly mayRise: boolean;
}

/** Nearly the best, and hardly more than the first. */
const NEARLY = 0.95;
const HARDLY = 1.1;

/**
 * What the levels show: whether throughput rises with the number of requests at once, and where it ceases to. Whether that is by
 * batches or by several workers looks the same from outside.
 * @returns undefined where there is nothing to compare
 */
export function effectOf(levels: readonly Level[]): LevelEffect | undefined {
  const ordered = levels
    .filter(({ figures }) => figures.answered > 0)
    .sort((a, b) => a.concurrency - b.concurrency);
  const [first] = ordered;
  const last = ordered.at(-1);
  if (first === undefined || last === undefined || first === last) return undefined;
  const best = Math.max(...ordered.map(({ figures }) => figures.throughput));
  const enough = ordered.find(({ figures }) => figures.throughput >= NEARLY * best) ?? last;
  const gain = gainOf(first, enough === first ? last : enough);
  return {
    enough: enough.concurrency,
    gain,
    latency: (enough.figures.latencyMs?.p50 ?? 0) / (first.figures.latencyMs?.p50 || 1),
    served: servedHow(gain),
    mayRise: enough === last,
  };
}

function servedHow({ low, high, estimate }: Interval): LevelEffect['served'] {
  if (low > 1 && estimate > HARDLY) return 'together';
  return high < HARDLY || estimate < 1 ? 'in turn' : 'unclear';
}

function gainOf(first: Level, other: Level): Interval {
  const logs = ({ figures }: Level) =>
    figures.rounds
      .filter(({ throughput }) => throughput > 0)
      .map(({ throughput }) => Math.log(throughput));
  const found = unpairedInterval(logs(other), logs(first));
  const plain = other.figures.throughput / first.figures.throughput;
  if (found === undefined) return { estimate: plain, low: 0, high: Number.MAX_VALUE };
  return { estimate: plain, low: Math.exp(found.low), high: Math.exp(found.high) };
}
