import { writeFile } from 'node:fs/promises';
import { factsOf } from '../bench/facts.js';
import { effectOf } from '../bench/levels.js';
import type { Payloads } from '../bench/payloads.js';
import {
  type BenchReport,
  differencesOf,
  type Earlier,
  nameOf,
  reportOf,
} from '../bench/report.js';
import type { Session } from '../bench/session.js';
import { verdictOn } from '../bench/verdict.js';
import { messageOf, SmlocalError } from '../errors.js';
import type { BenchPlace } from './bench-metrics.js';
import type { BenchSettings } from './bench-settings.js';

interface ReportParts {
  readonly settings: BenchSettings;
  readonly place: BenchPlace;
  readonly payloads: Payloads;
  readonly earlier: Earlier | undefined;
  readonly session: Session;
  readonly service: BenchReport['service'];
  readonly interrupted: boolean;
}

/** All that was measured, and what it says. */
export async function wholeReport(parts: ReportParts): Promise<BenchReport> {
  const { settings, place, payloads, earlier, session, service, interrupted } = parts;
  const { runs, startedAt, endedAt, clientBusy, unreachable } = session;
  const { count, leastBytes, meanBytes, mostBytes, digest } = payloads;
  const { load, rounds, contentType, accept, levels } = settings;
  const { rate, durationMs, requests } = load;
  const report = reportOf({
    environment: place.environment,
    ...{ startedAt: startedAt.toISOString(), endedAt: endedAt.toISOString() },
    endedEarly: unreachable ? 'unreachable' : interrupted && 'interrupted',
    facts: await factsOf(place.directory),
    load: {
      ...{ rate, durationMs, requests, rounds, contentType, accept },
      payloads: { count, leastBytes, meanBytes, mostBytes, digest },
    },
    ...{ clientBusy, runs, service },
    ...(levels.length > 1 && {
      levels: effectOf(runs.map((run) => ({ concurrency: run.concurrency, figures: run }))),
    }),
  });
  return { ...report, comparison: comparisonOf(report, settings, earlier) };
}

function comparisonOf(
  report: BenchReport,
  { other }: BenchSettings,
  earlier: Earlier | undefined,
): BenchReport['comparison'] {
  const [first, second] = report.runs;
  if (first !== undefined && second !== undefined && other !== undefined) {
    const verdict = verdictOn(first.rounds, second.rounds, 'in turn');
    return { first: nameOf(first), second: nameOf(second), verdict, differences: [] };
  }
  if (earlier === undefined || first === undefined || other === undefined) return undefined;
  return {
    first: 'file' in other ? other.file : nameOf(other),
    second: nameOf(first),
    verdict: verdictOn(earlier.run.rounds, first.rounds, 'apart'),
    differences: differencesOf(earlier.report, report),
  };
}

/** Writes what `--compare` reads. @throws SmlocalError where it cannot be written */
export async function saveReport(file: string, report: BenchReport): Promise<void> {
  try {
    await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
  } catch (cause) {
    throw new SmlocalError(`The run cannot be saved in ${file}: ${messageOf(cause)}`, {
      hint: 'Name another file with --save; this run is lost.',
      cause,
    });
  }
}
