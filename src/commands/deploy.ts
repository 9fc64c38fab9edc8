import type { Config, EndpointSettings } from '../config/config.js';
import { LOCAL, loadConfig } from '../config/load.js';
import { createLocalImages } from '../containers/push.js';
import { type StateFolder, stateFolderFor } from '../daemon/state-folder.js';
import type { Prepared } from '../deploy/deploy.js';
import { locally } from '../deploy/locally.js';
import type { Target } from '../deploy/target.js';
import { connect } from '../deploy-env/connect.js';
import { lockDeploys } from '../deploy-env/deploy-lock.js';
import { endpointsOf, prepare } from '../deploy-env/prepare.js';
import { ExitCode, ServiceError, SmlocalError } from '../errors.js';
import type { OnProgress } from '../progress.js';
import { confirm } from './confirm.js';
import { carryOut, wordsOf } from './deploy-run.js';
import { describePackage, describePlan, describeTarget } from './deploy-text.js';
import { interruptible } from './interruption.js';
import { Terminal } from './terminal.js';

export interface DeployOptions {
  readonly config?: string;
  readonly stateDir?: string;
  readonly env?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly endpointUrl?: string;
}

/** Looks at what is to be deployed, before anybody is asked. @throws SmlocalError where it must not be */
export type Check = (target: Target, prepared: Prepared) => Promise<void>;

/** `smlocal deploy`: makes an environment's endpoints what config.yml says, in AWS or in the smlocal that runs here. */
export async function deploy(
  endpointName: string | undefined,
  options: DeployOptions,
  check: Check = async () => {},
): Promise<ExitCode> {
  const environment = options.env || process.env.DEPLOY_ENV || LOCAL;
  const config = loadConfig(options.config, process.env, environment);
  const chosen = endpointsOf(config, environment, endpointName);
  const folder = stateFolderFor(options, process.env);
  folder.create();
  // Which Node the SDK will want in years to come is no news to whoever deploys.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const terminal = new Terminal(process.stdout);
  const interruption = interruptible(() => {
    terminal.clear();
    terminal.line('Ending where it is safe (Ctrl-C again ends at once) …');
  });
  const { signal } = interruption;
  let target: Target | undefined;
  let unlock: (() => void) | undefined;
  try {
    const { endpointUrl } = options;
    if (!options.dryRun) unlock = lockDeploys(folder, environment);
    target = await connect({ environment, config, folder, endpointUrl }, signal);
    return await deployTo(target, config, chosen, { folder, options, terminal, signal, check });
  } catch (error) {
    throw beforehand(error, signal);
  } finally {
    terminal.clear();
    target?.dispose();
    unlock?.();
    interruption.dispose();
  }
}

/** An error of what comes before the first change. */
function beforehand(error: unknown, signal: AbortSignal): unknown {
  if (error instanceof SmlocalError) return error;
  if (signal.aborted) {
    return new SmlocalError('Interrupted; nothing was changed.', {
      exitCode: ExitCode.interrupted,
    });
  }
  if (!(error instanceof ServiceError)) return error;
  const { call = 'a call' } = error.members;
  return new SmlocalError(`AWS refused ${call}: ${wordsOf(error)}`, {
    hint: 'Nothing was changed. Check the credentials (AWS_PROFILE, aws_profile in config.yml) and what they may do.',
    cause: error,
  });
}

interface Session {
  readonly folder: StateFolder;
  readonly options: DeployOptions;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  readonly check: Check;
}

async function deployTo(
  target: Target,
  config: Config,
  chosen: readonly EndpointSettings[],
  session: Session,
): Promise<ExitCode> {
  const { terminal, options, signal } = session;
  terminal.line(describeTarget(target));
  const images = createLocalImages();
  const prepared: Prepared[] = [];
  for (const described of chosen) {
    const { settings, notes } = target.isLocal
      ? locally(described)
      : { settings: described, notes: [] };
    const onProgress: OnProgress = (progress) =>
      void terminal.progress(settings.endpointName, progress);
    const parts = { config, folder: session.folder, images, signal, onProgress };
    const one = await prepare(target, settings, parts);
    terminal.clear();
    terminal.line(`${settings.endpointName}${one.roleArn ? `, as ${one.roleArn}` : ''}`);
    for (const note of notes) terminal.line(`  ! ${note}`);
    if (one.package !== undefined) terminal.line(describePackage(one.package));
    terminal.line(describePlan(one.plan));
    await session.check(target, one);
    prepared.push(one);
  }
  const steps = prepared.flatMap(({ plan }) => plan.steps);
  if (options.dryRun) {
    terminal.line(`Nothing was changed: --dry-run. A deploy would take ${steps.length} step(s).`);
    return ExitCode.ok;
  }
  if (steps.length > 0 && !target.isLocal && !options.yes && !(await isConfirmed(target, signal))) {
    terminal.line('Nothing was changed.');
    return ExitCode.failed;
  }
  for (const one of prepared) {
    await carryOut(target, one, { terminal, signal, push: images.push });
  }
  return ExitCode.ok;
}

function isConfirmed(target: Target, signal: AbortSignal): Promise<boolean> {
  const { environment, region, identity } = target;
  return confirm(
    `Deploy to ${environment}, account ${identity.accountId}, ${region}?`,
    `Type "smlocal deploy --env ${environment} --yes" to deploy without being asked, or add --dry-run to see what it would do.`,
    signal,
  );
}
