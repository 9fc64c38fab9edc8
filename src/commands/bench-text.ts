import type { HistogramRow } from '../bench/histogram.js';
import type { VariantMetrics } from '../bench/model-latency.js';
import { type BenchReport, nameOf, type RunReport } from '../bench/report.js';
import { bytes, indented, length, span, table, threeDigits, whole } from './bench-units.js';
import { describeComparison, describeLevels } from './bench-verdict.js';

/** Of a histogram's longest bar. */
const BAR = 40;

/** A part of the time that this program was at work from which on it may have been what was slow. */
const BUSY = 0.85;

/** A run that is shorter says nothing about that. */
const TELLING_MS = 1000;

/** What was measured, for a person. */
export function describeReport(report: BenchReport): string {
  const { runs, comparison, levels } = report;
  const parts =
    levels !== undefined || runs.length > 2
      ? [levelTable(runs), ...(levels === undefined ? [] : [describeLevels(levels)])]
      : runs.map((run) => describeRun(run, report));
  if (levels !== undefined || runs.length > 2) parts.push(...runs.map(levelErrors));
  if (levels !== undefined) parts.push(...report.service.map((one) => serviceTable(one.variants)));
  if (comparison !== undefined) parts.push(describeComparison(comparison));
  parts.push(
    warningsOf(report)
      .map((line) => `! ${line}`)
      .join('\n'),
  );
  return parts.filter((part) => part !== '').join('\n\n');
}

function describeRun(run: RunReport, { load, service, environment }: BenchReport): string {
  const { payloads, contentType, rate, requests, durationMs } = load;
  const how = rate === undefined ? `${run.concurrency} at once` : `${rate} due a second`;
  const howLong =
    durationMs === undefined ? `${whole(requests ?? 0)} requests` : `for ${length(durationMs)}`;
  const lines = [
    `${nameOf(run)} in ${environment}: ${how}, ${howLong}, ${bytes(payloads.meanBytes)} of ${contentType} each`,
    `  ${countsOf(run)}`,
  ];
  const found = service.find((one) => nameOf(one) === nameOf(run));
  const latencies = latencyTable(run, found?.variants ?? []);
  if (latencies !== '') lines.push('', latencies);
  if (run.histogram.length > 0) lines.push('', histogramText(run.histogram));
  const errors = describeErrors(run);
  if (errors !== '') lines.push('', errors);
  return lines.join('\n');
}

function countsOf(run: RunReport): string {
  const { answered, failed, elapsedMs, throughput, unsent, brokenOff, variants } = run;
  const said = [
    `${whole(answered)} answered in ${span(elapsedMs)}, ${threeDigits(throughput)} a second`,
    `${whole(failed)} failed`,
  ];
  if (brokenOff > 0) said.push(`${whole(brokenOff)} broken off`);
  if (unsent > 0) said.push(`${whole(unsent)} due and never sent`);
  const names = Object.keys(variants);
  if (names.length > 1) {
    said.push(names.map((name) => `${name} ${whole(variants[name] ?? 0)}`).join(', '));
  }
  return said.join('; ');
}

const NONE = '–';

function latencyTable(
  { latencyMs, lateMs }: RunReport,
  variants: readonly VariantMetrics[],
): string {
  const rows = [['', 'mean', 'p50', 'p90', 'p95', 'p99', 'p99.9', 'max']];
  for (const [name, figures] of [
    ['as seen here', latencyMs],
    ['  of it before it was sent', lateMs],
  ] as const) {
    if (figures === undefined) continue;
    const { mean, p50, p90, p95, p99, p999, max } = figures;
    rows.push([name, ...[mean, p50, p90, p95, p99, p999, max].map(span)]);
  }
  rows.push(...variants.flatMap(serviceRows));
  return rows.length === 1 ? '' : indented(table(rows));
}

function serviceTable(variants: readonly VariantMetrics[]): string {
  const rows = variants.flatMap(serviceRows);
  if (rows.length === 0) return '';
  return indented(table([['', 'mean', 'p50', 'p90', 'p95', 'p99', 'p99.9', 'max'], ...rows]));
}

/** What the service measured has no more than was asked of CloudWatch. */
function serviceRows(one: VariantMetrics): string[][] {
  const all = [
    ['ModelLatency', one.modelLatencyMs],
    ['OverheadLatency', one.overheadLatencyMs],
  ] as const;
  return all.flatMap(([name, there]) => {
    if (there === undefined) return [];
    const cell = (value: number | undefined) => (value === undefined ? NONE : span(value));
    const { average, p50, p90, p99 } = there;
    return [
      [
        `${name} of ${one.variantName}`,
        cell(average),
        cell(p50),
        cell(p90),
        NONE,
        cell(p99),
        NONE,
        NONE,
      ],
    ];
  });
}

function histogramText(rows: readonly HistogramRow[]): string {
  const most = rows.reduce((a, { count }) => Math.max(a, count), 1);
  const cells = rows.map(({ from, to, count }) => {
    const width = Math.round((BAR * count) / most);
    const bar = count > 0 ? '█'.repeat(Math.max(1, width)) : '';
    return { range: [span(from), '–', span(to)], text: `${bar} ${whole(count)}`.trim() };
  });
  const ranges = table(cells.map(({ range }) => ['', ...range]));
  return cells.map(({ text }, index) => `${ranges[index]}  ${text}`).join('\n');
}

function describeErrors({ errors }: Pick<RunReport, 'errors'>): string {
  return errors
    .map(({ kind, count, example }) => `  ${whole(count)} × ${kind}\n      ${example}`)
    .join('\n');
}

function levelErrors(run: RunReport): string {
  const errors = describeErrors(run);
  return errors === '' ? '' : `  Failed with ${run.concurrency} at once:\n${errors}`;
}

function levelTable(runs: readonly RunReport[]): string {
  const rows = runs.map((run) => [
    `${run.concurrency}`,
    threeDigits(run.throughput),
    ...(['p50', 'p90', 'p99'] as const).map((name) =>
      run.latencyMs === undefined ? NONE : span(run.latencyMs[name]),
    ),
    whole(run.answered),
    whole(run.failed),
  ]);
  const head = ['at once', 'a second', 'p50', 'p90', 'p99', 'answered', 'failed'];
  return indented(table([head, ...rows]));
}

function warningsOf({ runs, clientBusy, endedEarly, service, comparison }: BenchReport): string[] {
  const lines: string[] = [];
  if (endedEarly === 'interrupted')
    lines.push('Ended by Ctrl-C: this is what was measured until then.');
  if (endedEarly === 'unreachable')
    lines.push('Ended early: every request failed before it reached the model.');
  const elapsedMs = runs.reduce((sum, run) => sum + run.elapsedMs, 0);
  if (clientBusy > BUSY && elapsedMs > TELLING_MS) {
    lines.push(
      `smlocal bench itself was at work ${Math.round(clientBusy * 100)} % of the time, and may be what was slow. Ask fewer at once, or smaller bodies.`,
    );
  }
  if (runs.some(({ unsent }) => unsent > 0)) {
    lines.push(
      'The endpoint cannot keep up with this rate; the waiting of those that were never sent is in no figure.',
    );
  }
  if (comparison !== undefined && runs.some(({ failed }) => failed > 0)) {
    lines.push('Requests failed; what is compared are the others.');
  }
  const sent = runs.reduce((sum, run) => sum + run.sent, 0);
  const seen = service
    .flatMap(({ variants }) => variants)
    .reduce((sum, one) => sum + one.invocations, 0);
  if (service.length > 0 && seen > sent) {
    lines.push(
      `CloudWatch keeps these latencies by the minute: they are of ${whole(seen)} invocations, the warm-up and any others of those minutes included.`,
    );
  }
  return lines;
}
