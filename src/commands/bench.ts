import { writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { sageMaker } from '../aws/control-plane.js';
import { type Asker, openAsker, type Question } from '../bench/ask.js';
import { pricePerThousand } from '../bench/cost.js';
import { factsOf } from '../bench/facts.js';
import { effectOf } from '../bench/levels.js';
import { lookUp } from '../bench/look-up.js';
import { loadPayloads, type Payloads } from '../bench/payloads.js';
import {
  type BenchReport,
  differencesOf,
  type Earlier,
  nameOf,
  readEarlier,
  reportOf,
} from '../bench/report.js';
import { runSession, type Session } from '../bench/session.js';
import { verdictOn } from '../bench/verdict.js';
import { LOCAL, loadConfig } from '../config/load.js';
import { stateFolderFor } from '../daemon/state-folder.js';
import { awsSettingsFor } from '../deploy-env/connect.js';
import { ExitCode, SmlocalError } from '../errors.js';
import type { BenchOptions } from './bench-flags.js';
import { BenchLive } from './bench-live.js';
import { type BenchPlace, serviceReports } from './bench-metrics.js';
import { demandOf, describeCost } from './bench-question.js';
import { type BenchSettings, benchSettings } from './bench-settings.js';
import { describeReport } from './bench-text.js';
import { threeDigits } from './bench-units.js';
import { confirm } from './confirm.js';
import { interruptible } from './interruption.js';

/** `smlocal bench`: how many requests an endpoint answers, how quickly, and whether another is faster. */
export async function bench(
  endpoint: string,
  body: string | undefined,
  options: BenchOptions,
): Promise<ExitCode> {
  const settings = benchSettings(endpoint, body, options);
  const place = await placeOf(options);
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const { other } = settings;
  const earlier =
    other !== undefined && 'file' in other
      ? await readEarlier(other.file, settings.levels[0] ?? 1)
      : undefined;
  const payloads = await payloadsOf(settings, endpoint);
  const live = new BenchLive(process.stderr);
  const interruption = interruptible(() => live.say('Ending (Ctrl-C again ends at once) …'));
  try {
    const parts = { settings, place, payloads, earlier, options, live };
    return await benchWith(parts, interruption.signal);
  } catch (error) {
    if (!interruption.signal.aborted || error instanceof SmlocalError) throw error;
    throw new SmlocalError('Interrupted; nothing was measured.', {
      ...{ exitCode: ExitCode.interrupted, cause: error },
    });
  } finally {
    live.end();
    interruption.dispose();
  }
}

interface Parts {
  readonly settings: BenchSettings;
  readonly place: BenchPlace;
  readonly payloads: Payloads;
  readonly earlier: Earlier | undefined;
  readonly options: BenchOptions;
  readonly live: BenchLive;
}

async function benchWith(parts: Parts, signal: AbortSignal): Promise<ExitCode> {
  const { settings, place, options, live } = parts;
  const questions = questionsOf(parts);
  const hosted = await lookUpAll(questions, place, signal);
  const demand = demandOf(settings, parts.payloads.meanBytes);
  if (place.environment !== LOCAL && !options.yes) {
    live.end();
    const cost = describeCost(demand, hosted?.flat(), settings.prices);
    process.stderr.write(
      `${questions.map(nameOf).join(' and ')} in ${place.environment}\n${cost}\n`,
    );
    const how = `Type the same with --yes to measure without being asked.`;
    if (!(await confirm('Ask it all this?', how, signal))) {
      process.stderr.write('Nothing was sent.\n');
      return ExitCode.failed;
    }
  }
  const connections = Math.max(...settings.levels);
  const asker = await openAsker(place.aws, { connections, timeoutMs: settings.timeoutMs });
  const session = await measured(asker, questions, parts, signal);
  live.say('asking CloudWatch for ModelLatency');
  const service = options.metrics
    ? await serviceReports(place, questions, hosted, session, signal, (text) => live.say(text))
    : { reports: [], note: undefined };
  live.end();
  const report = await wholeReport(parts, session, service.reports, signal.aborted);
  if (options.save !== undefined) await save(options.save, report);
  if (options.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else {
    process.stdout.write(`${describeReport(report)}\n`);
    if (service.note !== undefined) process.stdout.write(`! ${service.note}\n`);
    const price = pricePerThousand(
      ...[report.runs.at(-1)?.throughput ?? 0, hosted?.[0] ?? [], settings.prices],
    );
    if (price !== undefined) {
      process.stdout.write(`A thousand answers cost ${threeDigits(price)} at this throughput.\n`);
    }
  }
  if (signal.aborted) return ExitCode.interrupted;
  return report.runs.every(({ failed }) => failed === 0) ? ExitCode.ok : ExitCode.endpointFailed;
}

/** Whatever is under way when it ends early is broken off. */
async function measured(
  asker: Asker,
  questions: readonly [Question] | readonly [Question, Question],
  { settings, live }: Parts,
  signal: AbortSignal,
): Promise<Session> {
  try {
    return await runSession({
      ...{ asker, questions, signal },
      ...{ levels: settings.levels, load: settings.load, warmUp: settings.warmUp },
      rounds: settings.rounds,
      onActivity: (text) => live.say(text),
      onRecorder: (recorder, label) => live.follow(recorder, label),
    });
  } finally {
    asker.dispose();
  }
}

async function placeOf(options: BenchOptions): Promise<BenchPlace> {
  const environment = options.env || process.env.DEPLOY_ENV || LOCAL;
  const config = loadConfig(options.config, process.env, environment);
  const folder = stateFolderFor(options, process.env);
  const { endpointUrl } = options;
  const aws = await awsSettingsFor({ environment, config, folder, endpointUrl });
  const directory = dirname(resolve(config.file ?? 'config.yml'));
  return { environment, isLocal: environment === LOCAL, aws, directory };
}

function questionsOf({
  settings,
  payloads,
}: Parts): readonly [Question] | readonly [Question, Question] {
  const { address, other, contentType, accept } = settings;
  const question = { contentType, accept, payloads };
  const first = { ...address, ...question };
  if (other === undefined || 'file' in other) return [first];
  return [first, { ...other, ...question }];
}

async function lookUpAll(questions: readonly Question[], place: BenchPlace, signal: AbortSignal) {
  const { control, dispose } = await sageMaker(place.aws, signal);
  try {
    const found = [];
    for (const question of questions) found.push(await lookUp(control, question, place.isLocal));
    return found.every((one) => one !== undefined) ? found : undefined;
  } finally {
    dispose();
  }
}

async function payloadsOf({ source }: BenchSettings, endpoint: string): Promise<Payloads> {
  if (source !== 'standard input') return loadPayloads(source);
  if (process.stdin.isTTY) {
    throw new SmlocalError('There is no body.', {
      hint: `Give it as an argument, with --file FILE, --payload-dir FOLDER or --payload-size 2kB, or on standard input: smlocal bench ${endpoint} '[1]'`,
      exitCode: ExitCode.usage,
    });
  }
  return loadPayloads({ kind: 'bytes', bytes: await buffer(process.stdin) });
}

async function wholeReport(
  { settings, place, payloads, earlier }: Parts,
  session: Session,
  service: BenchReport['service'],
  interrupted: boolean,
): Promise<BenchReport> {
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

async function save(file: string, report: BenchReport): Promise<void> {
  try {
    await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
  } catch (cause) {
    throw new SmlocalError(`The run cannot be saved in ${file}: ${(cause as Error).message}`, {
      hint: 'Name another file with --save; this run is lost.',
      cause,
    });
  }
}
