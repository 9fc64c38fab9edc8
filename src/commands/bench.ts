import { dirname, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { sageMaker } from '../aws/control-plane.js';
import { type Asker, openAsker, type Question } from '../bench/ask.js';
import { type Hosted, pricePerThousand } from '../bench/cost.js';
import { lookUp } from '../bench/look-up.js';
import { loadPayloads, type Payloads } from '../bench/payloads.js';
import { type BenchReport, type Earlier, nameOf, readEarlier } from '../bench/report.js';
import { runSession, type Session } from '../bench/session.js';
import { LOCAL, loadConfig } from '../config/load.js';
import { stateFolderFor } from '../daemon/state-folder.js';
import { awsSettingsFor } from '../deploy-env/connect.js';
import { ExitCode, SmlocalError } from '../errors.js';
import type { BenchOptions } from './bench-flags.js';
import { BenchLive } from './bench-live.js';
import { type BenchPlace, serviceReports } from './bench-metrics.js';
import { demandOf, describeCost } from './bench-question.js';
import { saveReport, wholeReport } from './bench-report.js';
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
      ? await readEarlier(other.file, settings.levels[0] ?? 1, settings.address)
      : undefined;
  const payloads = await payloadsOf(settings, endpoint);
  const live = new BenchLive(process.stderr);
  const interruption = interruptible(() => live.say('Ending (Ctrl-C again ends at once) …'));
  try {
    const parts = { settings, place, payloads, earlier, options, live };
    return await benchWith(parts, interruption.signal);
  } catch (error) {
    if (!interruption.signal.aborted || error instanceof SmlocalError) throw error;
    throw nothingMeasured(error);
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
  if (place.environment !== LOCAL && !options.yes) {
    live.end();
    if (!(await isAgreed(parts, questions, hosted, signal))) {
      process.stderr.write('Nothing was sent.\n');
      return ExitCode.failed;
    }
  }
  const connections = Math.max(...settings.levels);
  const asker = await openAsker(place.aws, { connections, timeoutMs: settings.timeoutMs });
  const session = await measured(asker, questions, parts, signal);
  if (signal.aborted && session.runs.every(({ answered, failed }) => answered + failed === 0)) {
    throw nothingMeasured();
  }
  live.say('asking CloudWatch for ModelLatency');
  const service = options.metrics
    ? await serviceReports(place, questions, hosted, session, signal, (text) => live.say(text))
    : { reports: [], note: undefined };
  live.end();
  const reported = { ...parts, session, service: service.reports, interrupted: signal.aborted };
  const report = await wholeReport(reported);
  if (options.save !== undefined) await saveReport(options.save, report);
  const notes = service.note === undefined ? [] : [`! ${service.note}`];
  print(report, [...notes, ...priceNote(report, hosted, settings)], options.json === true);
  if (signal.aborted) return ExitCode.interrupted;
  return report.runs.every(({ failed }) => failed === 0) ? ExitCode.ok : ExitCode.endpointFailed;
}

function isAgreed(
  { settings, place, payloads }: Parts,
  questions: readonly Question[],
  hosted: readonly (readonly Hosted[])[] | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const demand = demandOf(settings, payloads.meanBytes);
  const cost = describeCost(demand, hosted?.flat(), settings.prices);
  const who = questions.map(nameOf).join(' and ');
  process.stderr.write(`${who} in ${place.environment}, ${place.aws.region}\n${cost}\n`);
  const how = 'Type the same with --yes to measure without being asked.';
  return confirm('Ask it all this?', how, signal);
}

function print(report: BenchReport, notes: readonly string[], asJson: boolean): void {
  if (asJson) {
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    for (const note of notes) process.stderr.write(`${note}\n`);
    return;
  }
  process.stdout.write(`${[describeReport(report), ...notes].join('\n')}\n`);
}

/** Of two or of several levels there is not one price. */
function priceNote(
  { runs }: BenchReport,
  hosted: readonly (readonly Hosted[])[] | undefined,
  { prices }: BenchSettings,
): string[] {
  const [run, ...others] = runs;
  if (run === undefined || others.length > 0) return [];
  const price = pricePerThousand(run.throughput, hosted?.[0] ?? [], prices);
  return price === undefined
    ? []
    : [`A thousand answers cost ${threeDigits(price)} at this throughput.`];
}

function nothingMeasured(cause?: unknown): SmlocalError {
  return new SmlocalError('Interrupted; nothing was measured.', {
    ...{ exitCode: ExitCode.interrupted, cause },
  });
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
  options,
}: Parts): readonly [Question] | readonly [Question, Question] {
  const { address, other, contentType, accept } = settings;
  const question = { modelName: options.targetModel, contentType, accept, payloads };
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
