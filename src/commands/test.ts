import type { EndpointSettings } from '../config/config.js';
import { LOCAL, loadConfig } from '../config/load.js';
import { type StateFolder, stateFolderFor } from '../daemon/state-folder.js';
import { awsSettingsFor, type Connection, connect } from '../deploy-env/connect.js';
import { endpointsOf } from '../deploy-env/prepare.js';
import { type Outcome, runTests } from '../deploy-env/run-tests.js';
import { digestOfTests, recordTested, servedBy } from '../deploy-env/tested.js';
import { ExitCode, SmlocalError } from '../errors.js';
import { interruptible } from './interruption.js';

export interface TestOptions {
  readonly config?: string;
  readonly stateDir?: string;
  readonly env?: string;
  readonly endpointUrl?: string;
}

const say = (line: string) => void process.stdout.write(`${line}\n`);

/** `smlocal test`: asks an environment's endpoints what config.yml says under `tests:`, and compares. */
export async function test(
  endpointName: string | undefined,
  options: TestOptions,
): Promise<ExitCode> {
  const environment = options.env || process.env.DEPLOY_ENV || LOCAL;
  const config = loadConfig(options.config, process.env, environment);
  const chosen = endpointsOf(config, environment, endpointName).filter(
    ({ tests = [] }) => tests.length > 0,
  );
  if (chosen.length === 0) throw noTests(environment);
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const folder = stateFolderFor(options, process.env);
  const connection = { environment, config, folder, endpointUrl: options.endpointUrl };
  const interruption = interruptible(() => say('Ending …'));
  try {
    let failed = 0;
    for (const settings of chosen) {
      refuseAsync(settings, environment);
      failed += await testOne(settings, connection, folder, interruption.signal);
    }
    return failed === 0 ? ExitCode.ok : ExitCode.failed;
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    throw new SmlocalError('Interrupted.', { exitCode: ExitCode.interrupted, cause: error });
  } finally {
    interruption.dispose();
  }
}

/** @returns how many have failed */
async function testOne(
  settings: EndpointSettings,
  connection: Connection,
  folder: StateFolder,
  signal: AbortSignal,
): Promise<number> {
  const { endpointName } = settings;
  const served = async () => {
    const target = await connect(connection, signal);
    try {
      return await servedBy(target.control, endpointName);
    } finally {
      target.dispose();
    }
  };
  const isLocal = connection.environment === LOCAL;
  const before = isLocal ? await served() : undefined;
  const aws = await awsSettingsFor(connection);
  const outcomes = await runTests(settings, aws, signal, (one) => say(describe(endpointName, one)));
  const failed = outcomes.filter(({ differences }) => differences.length > 0).length;
  say(
    `${endpointName} in ${connection.environment}: ${outcomes.length - failed} of ${outcomes.length} passed`,
  );
  if (failed > 0 || before === undefined) return failed;
  const after = await served();
  if (before.digest === undefined || before.configName !== after.configName) {
    say('  For "smlocal promote" the package itself has to pass: smlocal deploy && smlocal test');
    return failed;
  }
  const tests = await digestOfTests(settings);
  const at = new Date().toISOString();
  await recordTested(folder, before.digest, { endpointName, tests, passed: outcomes.length, at });
  say(`  package ${before.digest.slice(0, 12)} may be promoted: smlocal promote`);
  return failed;
}

function describe(endpointName: string, { name, differences, milliseconds }: Outcome): string {
  const head = `${endpointName}: ${name}`;
  if (differences.length === 0) return `${head}: passed in ${milliseconds.toFixed(0)} ms`;
  return [`${head}: FAILED`, ...differences.map((line) => `    ${line}`)].join('\n');
}

/** AWS takes no InvokeEndpoint for such an endpoint; smlocal serves it at once. */
function refuseAsync({ async, endpointName }: EndpointSettings, environment: string): void {
  if (async === undefined || environment === LOCAL) return;
  throw new SmlocalError(
    `${endpointName} is asynchronous in ${environment}, and "smlocal test" asks at once.`,
    { hint: 'Test it locally, or in an environment without "async".', exitCode: ExitCode.usage },
  );
}

function noTests(environment: string): SmlocalError {
  return new SmlocalError(`config.yml has no tests for ${environment}.`, {
    hint: 'Add to the block: tests: { NAME: { body: …, expect: { json: … } } }',
    exitCode: ExitCode.usage,
  });
}
