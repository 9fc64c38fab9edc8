import type { Seen } from './latencies.js';

/** Latencies above `from` up to `to`, in milliseconds. */
export interface HistogramRow {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

const MOST_ROWS = 12;

/** Latencies above this share of all are one row: a single slow answer must not squeeze the rest into two. */
const TAIL = 0.99;

/** Steps within a power of ten that people read easily, the finest first. */
const STEPS: readonly (readonly number[])[] = [
  [1, 1.1, 1.2, 1.3, 1.4, 1.6, 1.8, 2, 2.25, 2.5, 2.8, 3.2, 3.6, 4, 4.5, 5, 5.6, 6.3, 7, 8, 9],
  [1, 1.2, 1.5, 1.8, 2.2, 2.7, 3.3, 4, 4.7, 5.6, 6.8, 8.2],
  [1, 1.5, 2.2, 3.3, 4.7, 6.8],
  [1, 2, 5],
  [1],
];

/**
 * Rows of a histogram whose edges are round numbers, each about as many times the one before: as fine as fits in twelve rows up to the
 * 99th percentile, and one row for what is above.
 * @param seen the shortest first
 */
export function histogramRows(seen: readonly Seen[]): HistogramRow[] {
  const [first] = seen;
  const last = seen.at(-1);
  if (first === undefined || last === undefined) return [];
  const edges = edgesBetween(first.value, valueAt(seen, TAIL));
  const most = edges.at(-1) ?? last.value;
  const all = last.value > most ? [...edges, last.value] : edges;
  return all.slice(1).map((to, index) => {
    const from = all[index] ?? 0;
    const within = seen.filter(({ value }) => value > from && value <= to);
    return { from, to, count: within.reduce((sum, { count }) => sum + count, 0) };
  });
}

function valueAt(seen: readonly Seen[], share: number): number {
  const total = seen.reduce((sum, { count }) => sum + count, 0);
  let passed = 0;
  for (const { value, count } of seen) {
    passed += count;
    if (passed >= share * total) return value;
  }
  return seen.at(-1)?.value ?? 0;
}

/** Edges from below `low` to `high` or just above it. */
function edgesBetween(low: number, high: number): number[] {
  for (const steps of STEPS) {
    const edges = roundNumbers(steps, low, high);
    if (edges.length <= MOST_ROWS + 1) return edges;
  }
  return roundNumbers([1], low, high);
}

function roundNumbers(steps: readonly number[], low: number, high: number): number[] {
  const found: number[] = [];
  for (let power = Math.floor(Math.log10(low)) - 1; ; power += 1) {
    for (const step of steps) {
      // Through its decimal form, so that 1.2 · 10⁻² is 0.012 and not a neighbour of it.
      const edge = Number(`${step}e${power}`);
      if (edge < low) found[0] = edge;
      else found.push(edge);
      if (edge >= high && found.length > 1) return found;
    }
  }
}
