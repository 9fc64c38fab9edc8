/** An estimate and what it may be off by. */
export interface Interval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/** How sure an interval is meant to be. */
export const CONFIDENCE = 0.95;

/**
 * By how much pairs differ: the median of all means of two differences (Hodges and Lehmann), with the exact interval that belongs to
 * Wilcoxon's signed-rank test. It takes the differences to lie evenly about their middle and nothing else, so one round
 * in which the machine did something else moves it little.
 * @returns undefined where there are too few pairs for any interval of this confidence (fewer than six)
 */
export function pairedInterval(differences: readonly number[]): Interval | undefined {
  const n = differences.length;
  const means = differences.flatMap((a, index) => differences.slice(index).map((b) => (a + b) / 2));
  return intervalOf(means, signedRankCounts(n));
}

/**
 * By how much the values of one lot are above those of another: the median of all differences (Hodges and Lehmann), with the exact
 * interval that belongs to the test of Mann and Whitney.
 * @returns undefined where there are too few values for any interval of this confidence (four against four are enough)
 */
export function unpairedInterval(
  values: readonly number[],
  others: readonly number[],
): Interval | undefined {
  const differences = values.flatMap((value) => others.map((other) => value - other));
  return intervalOf(differences, rankSumCounts(values.length, others.length));
}

/**
 * Both statistics count how many of the candidates lie above zero; so the interval leaves out as many candidates at either
 * end as the statistic, were there no difference, falls below with half of what is left of the confidence.
 * @param counts in how many equally likely cases the statistic is 0, 1, 2 …
 */
function intervalOf(
  candidates: readonly number[],
  counts: readonly number[],
): Interval | undefined {
  const left = leftOut(counts);
  if (left === 0) return undefined;
  const sorted = [...candidates].sort((a, b) => a - b);
  const low = sorted[left - 1];
  const high = sorted[sorted.length - left];
  if (low === undefined || high === undefined) return undefined;
  return { estimate: medianOf(sorted), low, high };
}

/** The largest c for which P(statistic < c) is at most half of what the confidence leaves. */
function leftOut(counts: readonly number[]): number {
  const all = counts.reduce((sum, count) => sum + count, 0);
  let below = 0;
  let cut = 0;
  for (const count of counts) {
    below += count;
    if (below / all > (1 - CONFIDENCE) / 2) return cut;
    cut += 1;
  }
  return cut;
}

/** In how many of the 2^n choices of signs the ranks of the positive ones add up to 0, 1, 2 … */
function signedRankCounts(n: number): number[] {
  let counts = [1];
  for (let rank = 1; rank <= n; rank += 1) {
    const longer = new Array<number>(counts.length + rank).fill(0);
    for (const [sum, count] of counts.entries()) {
      longer[sum] = (longer[sum] ?? 0) + count;
      longer[sum + rank] = (longer[sum + rank] ?? 0) + count;
    }
    counts = longer;
  }
  return counts;
}

/**
 * In how many arrangements of n values among m others 0, 1, 2 … pairs stand the other way round.
 * By the recurrence f(n, m, u) = f(n − 1, m, u − m) + f(n, m − 1, u): the greatest is one of the n, or one of the m.
 */
function rankSumCounts(n: number, m: number): number[] {
  let row: number[][] = Array.from({ length: m + 1 }, () => [1]);
  for (let i = 1; i <= n; i += 1) {
    const next: number[][] = [[1]];
    for (let j = 1; j <= m; j += 1) {
      const counts = new Array<number>(i * j + 1).fill(0);
      for (const [u, count] of (row[j] ?? []).entries())
        counts[u + j] = (counts[u + j] ?? 0) + count;
      for (const [u, count] of (next[j - 1] ?? []).entries()) counts[u] = (counts[u] ?? 0) + count;
      next.push(counts);
    }
    row = next;
  }
  return row[m] ?? [1];
}

function medianOf(sorted: readonly number[]): number {
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
}
