import type { LevelEffect } from '../bench/levels.js';
import type { BenchReport } from '../bench/report.js';
import type { Verdict } from '../bench/verdict.js';
import { change, indented, table, threeDigits } from './bench-units.js';

/** What the levels show, and what they cannot. */
export function describeLevels({ enough, gain, latency, served, mayRise }: LevelEffect): string {
  if (served === 'in turn') {
    return 'More at once are not answered sooner: requests are served one after the other, and those that come together wait.';
  }
  if (served === 'unclear') {
    return 'Whether more at once are answered sooner, these runs cannot show: measure longer (--duration).';
  }
  const lines = [
    `${enough} at once are answered ${threeDigits(gain.estimate)} times as fast as the fewest, each ${latency < 1.05 ? 'in the same time' : `in ${threeDigits(latency)} times the time`}: requests are served together.`,
    'Whether in batches or by several workers looks the same from here; the container’s settings tell.',
  ];
  lines.push(
    mayRise
      ? 'The most that was tried was the best: more may be better still.'
      : 'More than that only wait.',
  );
  return lines.join('\n');
}

/** Which of two is faster, and how sure that is. */
export function describeComparison(comparison: NonNullable<BenchReport['comparison']>): string {
  const { first, second, verdict, differences } = comparison;
  const rows = verdict.changes.map(({ figure, ratio }) => [
    figure === 'throughput' ? 'answers a second' : `${figure} latency`,
    change(ratio.estimate),
    `${change(ratio.low)} to ${change(ratio.high)}`,
  ]);
  const lines = [`${second} against ${first}, over ${verdict.rounds.join(' and ')} rounds`];
  if (rows.length > 0) lines.push(indented(table([['', 'change', '95 % interval'], ...rows])));
  lines.push('', verdictLine(first, second, verdict));
  if (differences.length > 0) {
    lines.push('', 'The earlier run was not made in the same way:');
    lines.push(...differences.map((line) => `  ${line}`));
  }
  return lines.join('\n');
}

/** One sentence, by the median latency. */
export function verdictLine(
  first: string,
  second: string,
  { second: word, changes }: Verdict,
): string {
  const ratio = changes.find(({ figure }) => figure === 'p50')?.ratio;
  if (word === 'unknown' || ratio === undefined) {
    return 'There are too few rounds with answers to say which is faster: measure longer, or with more --rounds.';
  }
  const interval = `95 % interval ${change(ratio.low)} to ${change(ratio.high)}`;
  if (word === 'no difference') {
    return `There is no difference that these runs can show (median latency ${change(ratio.estimate)}, ${interval}).`;
  }
  return `${second} is ${word} than ${first}: its median latency is ${inWords(ratio.estimate)} (${interval}).`;
}

function inWords(ratio: number): string {
  if (ratio >= 2) return `${threeDigits(ratio)} times as long`;
  return `${Math.abs((ratio - 1) * 100).toFixed(1)} % ${ratio < 1 ? 'lower' : 'higher'}`;
}
