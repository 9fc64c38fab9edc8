import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config/config.js';
import { loadConfig } from '../config/load.js';
import type { Daemon } from '../daemon/daemon.js';
import { startDaemon } from '../daemon/start-daemon.js';
import { stateFolderFor } from '../daemon/state-folder.js';
import { damageLine } from '../daemon/status.js';
import { ExitCode, messageOf, SmlocalError } from '../errors.js';
import { Watcher } from '../reload/watcher.js';
import { VERSION } from '../version.js';
import { applyConfig } from './apply-config.js';
import { listenToKeys } from './keys.js';
import { printEvents } from './print-events.js';
import { stopOnSignals } from './signals.js';
import { Terminal } from './terminal.js';
import { upDetached } from './up-detached.js';

export interface UpOptions {
  readonly detach?: boolean;
  readonly host?: string;
  readonly port?: number;
  readonly verifySignatures?: boolean;
  readonly config?: string;
  readonly stateDir?: string;
  readonly platform?: string;
  readonly engine?: Config['engine'];
  /** False with `--no-watch`. */
  readonly watch: boolean;
}

/**
 * `smlocal up`: runs the daemon here until it is stopped, or leaves one running in the background.
 * @param onStarted called when all is loaded, and what config.yml describes is on its way
 */
export async function up(options: UpOptions, onStarted: () => void): Promise<ExitCode> {
  const config = withFlags(loadConfig(options.config, process.env), options);
  const folder = stateFolderFor(options, process.env);
  if (options.detach) return upDetached(folder);
  forgetOwnAddress(process.env);
  const daemon = await startDaemon({
    config,
    stateDir: folder.path,
    watched: options.watch,
    resumes: true,
  });
  const terminal = new Terminal(process.stdout, (text) => daemon.mask(text));
  const interruption = stopOnSignals(daemon, terminal);
  terminal.line(banner(daemon.url, config));
  for (const path of folder.damagedFiles()) terminal.line(damageLine(path));
  printEvents(daemon, terminal);
  const leaveKeys = listenToKeys(daemon, terminal);
  const session = new Session(daemon, config, options, terminal);
  const run = session.run().then(onStarted);
  const failure = run.catch(async (error: unknown) => {
    if (daemon.ending.aborted) return undefined;
    await daemon.stop({ force: false });
    return error;
  });
  const ended = await interruption.ended;
  leaveKeys();
  await session.dispose();
  interruption.dispose();
  const error = await failure;
  if (error !== undefined) throw error;
  terminal.line(ended === 'stopped' ? 'Stopped; no container is left.' : 'Stopped by force.');
  return ended === 'stopped' ? ExitCode.ok : ExitCode.interrupted;
}

function withFlags(config: Config, options: UpOptions): Config {
  const { host, port, platform, engine, verifySignatures } = options;
  return {
    ...config,
    host: host ?? config.host,
    verifySignatures: verifySignatures ?? config.verifySignatures,
    port: port ?? config.port,
    platform: platform ?? config.platform,
    engine: engine ?? config.engine,
  };
}

/** Our own calls, to ECR and STS for images, are meant for AWS: a user's override points at us. */
function forgetOwnAddress(environment: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(environment)) {
    if (name.startsWith('AWS_ENDPOINT_URL')) delete environment[name];
  }
  environment.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
}

function banner(url: string, config: Config): string {
  return `smlocal ${VERSION} listens on ${url} (${config.file ?? 'without a config.yml'})
  export AWS_ENDPOINT_URL=${url}   and any AWS SDK finds it; Ctrl-C stops it${elsewhere(config)}`;
}

/** Whoever uses smlocal uses his credentials there, so it is said. */
function elsewhere({ s3 }: Config): string {
  if (s3 === undefined) return '';
  const buckets = s3.passthrough.map((one) => (one === '*' ? 'that are not here' : one));
  const whom = s3.profile === undefined ? 'your AWS credentials' : `the profile ${s3.profile}`;
  return `\n  buckets ${buckets.join(', ')}: in ${s3.endpoint ?? 'AWS'}, with ${whom}`;
}

/** What of config.yml is read once. */
const AT_START = [
  'host',
  'allowedHosts',
  'verifySignatures',
  'accessKeys',
  'port',
  'region',
  'accountId',
  'platform',
  'engine',
  'images',
  'limits',
  's3',
  'watch',
] as const;

/** What a daemon does for its config.yml, from its start to its end. */
class Session {
  readonly #disposers: (() => Promise<void>)[] = [];
  #disposed = false;

  constructor(
    readonly daemon: Daemon,
    readonly config: Config,
    readonly options: UpOptions,
    readonly terminal: Terminal,
  ) {}

  async run(): Promise<void> {
    const { daemon, terminal } = this;
    await daemon.resume(({ message, hint = '' }) =>
      terminal.line(`Waiting for a container engine: ${message}\n  ${hint}`),
    );
    await this.#apply(this.config);
    daemon.starting = false;
    if (this.options.watch && !this.#disposed) this.#watch();
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    await Promise.all(this.#disposers.splice(0).map((dispose) => dispose()));
  }

  async #apply(config: Config): Promise<void> {
    const { daemon, terminal } = this;
    daemon.configFaults = await applyConfig(daemon, config, terminal, daemon.ending);
  }

  #watch(): void {
    const { daemon, terminal, config } = this;
    const onError = (error: unknown) => {
      if (!daemon.ending.aborted) terminal.line(`The watch failed: ${messageOf(error)}`);
    };
    daemon.reloading.watch(config.watch);
    if (config.file === undefined) return;
    const watcher = new Watcher({
      ignored: () => false,
      polling: config.watch.polling,
      onBatch: () => void this.#reapply().catch(onError),
      onError,
    });
    watcher.set(new Set([config.file]));
    this.#disposers.push(() => watcher.close());
  }

  /** A config.yml that has become wrong changes nothing: what serves goes on. */
  async #reapply(): Promise<void> {
    const { config, terminal, options } = this;
    try {
      const next = withFlags(loadConfig(config.file, process.env), options);
      const later = AT_START.filter((key) => !isDeepStrictEqual(config[key], next[key]));
      if (later.length > 0) {
        terminal.line(`config.yml: ${later.join(', ')} will change with the next "smlocal up"`);
      }
      await this.#apply(next);
    } catch (error) {
      if (!(error instanceof SmlocalError)) throw error;
      terminal.line(`config.yml is left alone until it is right:\n${error.message}`);
    }
  }
}
