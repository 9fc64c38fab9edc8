import { pathToFileURL } from 'node:url';
import { createArtifacts } from '../artifacts/artifacts.js';
import { refuseLocalOverrides } from '../aws/endpoint-guard.js';
import { configuredRegion } from '../aws/identity.js';
import type { Config, EndpointSettings } from '../config/config.js';
import { LOCAL, loadConfig } from '../config/load.js';
import { createLocalImages, isLocalImage, repositoryNameOf } from '../containers/push.js';
import { type StateFolder, stateFolderFor } from '../daemon/state-folder.js';
import { type Prepared, prepareDeploy } from '../deploy/deploy.js';
import { awsTarget, localTarget, type Target } from '../deploy/target.js';
import { ExitCode, ServiceError, SmlocalError } from '../errors.js';
import { createLogger } from '../log.js';
import { confirm } from './confirm.js';
import { DaemonClient } from './daemon-client.js';
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

/** `smlocal deploy`: makes an environment's endpoints what config.yml says, in AWS or in the smlocal that runs here. */
export async function deploy(
  endpointName: string | undefined,
  options: DeployOptions,
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
  try {
    target = await targetFor(environment, config, folder, options, signal);
    return await deployTo(target, config, chosen, { folder, options, terminal, signal });
  } catch (error) {
    throw beforehand(error, signal);
  } finally {
    terminal.clear();
    target?.dispose();
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
  for (const settings of chosen) {
    const one = await prepare(target, config, settings, session, images);
    terminal.clear();
    terminal.line(`${settings.endpointName}${one.roleArn ? `, as ${one.roleArn}` : ''}`);
    if (one.package !== undefined) terminal.line(describePackage(one.package));
    terminal.line(describePlan(one.plan));
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

function prepare(
  target: Target,
  config: Config,
  settings: EndpointSettings,
  { folder, terminal, signal }: Session,
  images: ReturnType<typeof createLocalImages>,
): Promise<Prepared> {
  const onProgress = (progress: { activity: string; done?: number; total?: number }) =>
    void terminal.progress(settings.endpointName, progress);
  const { limits } = config;
  const artifacts = createArtifacts({ stateDir: folder.path, limits, log: createLogger() });
  const unpacked = (file: string) =>
    artifacts.directoryFor(
      { uri: pathToFileURL(file).href, compression: 'Gzip' },
      { signal, onProgress },
    );
  return prepareDeploy(target, {
    settings,
    bucket: config.deploy?.bucket,
    keep: config.deploy?.keepVersions ?? 0,
    stateDir: folder.path,
    packing: { unpacked, signal, onProgress },
    images: { isLocal: isLocalImage, repositoryNameOf, find: images.find },
  });
}

function isConfirmed(target: Target, signal: AbortSignal): Promise<boolean> {
  const { environment, region, identity } = target;
  return confirm(
    `Deploy to ${environment}, account ${identity.accountId}, ${region}?`,
    `Type "smlocal deploy --env ${environment} --yes" to deploy without being asked, or add --dry-run to see what it would do.`,
    signal,
  );
}

async function targetFor(
  environment: string,
  config: Config,
  folder: StateFolder,
  options: DeployOptions,
  signal: AbortSignal,
): Promise<Target> {
  if (environment === LOCAL) {
    const { region, accountId } = config;
    const endpoint = options.endpointUrl ?? DaemonClient.get(folder).url;
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const settings = { region, endpoint, credentials };
    return localTarget({ environment, settings, expectedAccount: undefined, accountId, signal });
  }
  if (options.endpointUrl === undefined) refuseLocalOverrides(process.env);
  const { profile, account: expectedAccount, region: named } = config.deploy ?? {};
  const settings = {
    region: named ?? (await configuredRegion(profile)),
    profile,
    endpoint: options.endpointUrl,
  };
  return awsTarget({ environment, settings, expectedAccount, signal });
}

function endpointsOf(
  config: Config,
  environment: string,
  endpointName: string | undefined,
): readonly EndpointSettings[] {
  const { endpoints } = config;
  if (endpoints.length === 0) {
    throw new SmlocalError(
      `${config.file ?? 'config.yml'} describes no endpoint for the environment ${environment}.`,
      {
        hint: 'Name another with --env or DEPLOY_ENV, or add a block under "environments:".',
        exitCode: ExitCode.usage,
      },
    );
  }
  if (endpointName === undefined) return endpoints;
  const chosen = endpoints.filter((one) => one.endpointName === endpointName);
  if (chosen.length > 0) return chosen;
  const names = endpoints.map((one) => one.endpointName).join(', ');
  throw new SmlocalError(`config.yml has no endpoint ${endpointName} in ${environment}.`, {
    hint: `It has ${names}.`,
    exitCode: ExitCode.usage,
  });
}
