import { readFile } from 'node:fs/promises';
import { ExitCode, messageOf, SmlocalError } from '../errors.js';
import type { Facts } from './facts.js';
import type { LevelEffect } from './levels.js';
import type { Address } from './look-up.js';
import type { Measured } from './measure.js';
import type { VariantMetrics } from './model-latency.js';
import type { Figures } from './recorder.js';
import type { Verdict } from './verdict.js';

/** Changes when what is in a report does. */
const FORMAT = 'smlocal-bench/1';

/** What was asked, as far as it bears on the figures. */
export interface LoadFacts {
  readonly rate: number | undefined;
  readonly durationMs: number | undefined;
  readonly requests: number | undefined;
  readonly rounds: number;
  readonly contentType: string;
  readonly accept: string | undefined;
  readonly payloads: {
    readonly count: number;
    readonly leastBytes: number;
    readonly meanBytes: number;
    readonly mostBytes: number;
    readonly digest: string | undefined;
  };
}

/** One load on one endpoint or variant. */
export interface RunReport extends Address, Omit<Measured, 'figures'>, Figures {
  readonly concurrency: number;
}

/** What the service has measured of an endpoint itself, over all runs. */
export interface ServiceReport extends Address {
  readonly variants: readonly VariantMetrics[];
}

/** What `smlocal bench --json` prints; latencies are in milliseconds, throughputs in answers a second. */
export interface BenchReport {
  readonly format: typeof FORMAT;
  readonly environment: string;
  readonly startedAt: string;
  readonly endedAt: string;
  /** Ended by Ctrl-C, or because nobody answered. */
  readonly endedEarly: false | 'interrupted' | 'unreachable';
  readonly facts: Facts;
  readonly load: LoadFacts;
  /** What part of the time this program itself was at work; near 1 it is what was measured. */
  readonly clientBusy: number;
  readonly runs: readonly RunReport[];
  readonly service: readonly ServiceReport[];
  /** Where several concurrencies were asked for. */
  readonly levels?: LevelEffect;
  readonly comparison?: {
    /** The first, as `ENDPOINT`, `ENDPOINT/VARIANT` or a file. */
    readonly first: string;
    readonly second: string;
    readonly verdict: Verdict;
    /** In what an earlier run was made otherwise. */
    readonly differences: readonly string[];
  };
}

export function reportOf(parts: Omit<BenchReport, 'format'>): BenchReport {
  return { format: FORMAT, ...parts };
}

/** `ENDPOINT`, or `ENDPOINT/VARIANT`. */
export function nameOf({ endpointName, variantName }: Address): string {
  return variantName === undefined ? endpointName : `${endpointName}/${variantName}`;
}

/** An earlier run to compare with. */
export interface Earlier {
  readonly report: BenchReport;
  readonly run: RunReport;
}

/**
 * A run that was saved by `--json` or `--save`; of several that of this endpoint, where there is one.
 * @throws SmlocalError where there is none in the file, or none with this concurrency
 */
export async function readEarlier(
  file: string,
  concurrency: number,
  address: Address,
): Promise<Earlier> {
  const report = await readReport(file);
  const runs = report.runs.filter((one) => one.concurrency === concurrency);
  const run = runs.find((one) => nameOf(one) === nameOf(address)) ?? runs[0];
  if (run !== undefined) return { report, run };
  const others = [...new Set(report.runs.map((one) => one.concurrency))].join(', ');
  throw new SmlocalError(`${file} has no run with ${concurrency} requests at once.`, {
    hint: `Type --concurrency with one that it has: ${others}.`,
    exitCode: ExitCode.usage,
  });
}

async function readReport(file: string): Promise<BenchReport> {
  let report: Partial<BenchReport> | null;
  try {
    report = JSON.parse(await readFile(file, 'utf8')) as Partial<BenchReport> | null;
  } catch (error) {
    throw notOurs(file, messageOf(error), error);
  }
  if (report?.format !== FORMAT) throw notOurs(file, `its format is not ${FORMAT}`);
  const isWhole = report.facts !== undefined && report.load?.payloads !== undefined;
  if (!isWhole || !Array.isArray(report.runs) || !report.runs.every(hasRounds)) {
    throw notOurs(file, 'it is not whole');
  }
  return report as BenchReport;
}

function hasRounds(run: Partial<RunReport> | null): boolean {
  const isRound = (round: unknown) =>
    typeof round === 'object' &&
    round !== null &&
    ['throughput', 'p50', 'p90', 'p99'].every(
      (name) => typeof (round as Record<string, unknown>)[name] === 'number',
    );
  return Array.isArray(run?.rounds) && run.rounds.every(isRound);
}

function notOurs(file: string, why: string, cause?: unknown): SmlocalError {
  return new SmlocalError(`There is no earlier run in ${file}: ${why}.`, {
    hint: `Make one: smlocal bench ENDPOINT --save ${file}`,
    exitCode: ExitCode.usage,
    cause,
  });
}

/** In what two runs were made otherwise, a line each; what they are compared for (the commit, the endpoint) is none. */
export function differencesOf(
  earlier: Pick<BenchReport, 'environment' | 'facts' | 'load'>,
  now: Pick<BenchReport, 'environment' | 'facts' | 'load'>,
): string[] {
  const of = ({ environment, facts, load }: typeof now) => ({
    environment,
    machine: `${facts.cpus} × ${facts.cpu}`,
    Node: facts.node,
    smlocal: facts.smlocal,
    payload: load.payloads.digest ?? `${Math.round(load.payloads.meanBytes)} random bytes`,
    'content type': load.contentType,
    rate: load.rate === undefined ? 'none' : `${load.rate} a second`,
  });
  const [before, after] = [of(earlier), of(now)];
  return (Object.keys(after) as (keyof typeof after)[])
    .filter((name) => before[name] !== after[name])
    .map((name) => `${name}: ${before[name]}, and now ${after[name]}`);
}
