import { createHash } from 'node:crypto';
import { LOCAL, loadConfig } from '../config/load.js';
import { type StateFolder, stateFolderFor } from '../daemon/state-folder.js';
import type { Prepared } from '../deploy/deploy.js';
import { addressOf } from '../deploy/packaged.js';
import type { Target } from '../deploy/target.js';
import { digestOfTests, findTested } from '../deploy-env/tested.js';
import { ExitCode, SmlocalError } from '../errors.js';
import { type DeployOptions, deploy } from './deploy.js';

const PRODUCTION = 'production';

/** `smlocal promote`: `smlocal deploy` to production, of packages alone that have passed `smlocal test` here. */
export async function promote(
  endpointName: string | undefined,
  options: DeployOptions,
): Promise<ExitCode> {
  const environment = options.env || process.env.DEPLOY_ENV || PRODUCTION;
  if (environment === LOCAL) {
    throw new SmlocalError('What is here is promoted to another environment.', {
      hint: 'Name it with --env; production is meant where neither that nor DEPLOY_ENV is set.',
      exitCode: ExitCode.usage,
    });
  }
  const folder = stateFolderFor(options, process.env);
  const local = loadConfig(options.config, process.env, LOCAL).endpoints;
  const check = async (target: Target, prepared: Prepared) => {
    const digest = await digestFor(target, prepared);
    await mustBeTested(folder, prepared.wanted.settings.endpointName, digest, async (name) => {
      const settings = local.find((one) => one.endpointName === name);
      return settings && (await digestOfTests(settings));
    });
  };
  return deploy(endpointName, { ...options, env: environment }, check);
}

/** The digest of the model data that would be deployed; what lies in S3 already is read. */
async function digestFor(target: Target, { package: packed, wanted }: Prepared): Promise<string> {
  const { modelDataUrl, multiModel, endpointName } = wanted.settings;
  if (multiModel !== undefined)
    throw untested(endpointName, 'Its models are archives of which no test is noted; deploy it.');
  if (packed !== undefined) return packed.digest;
  if (modelDataUrl === undefined) throw untested(endpointName, 'It has no model data.');
  const hash = createHash('sha256');
  for await (const chunk of await target.objects.get(addressOf(modelDataUrl))) hash.update(chunk);
  return hash.digest('hex');
}

async function mustBeTested(
  folder: StateFolder,
  endpointName: string,
  digest: string,
  testsOf: (endpointName: string) => Promise<string | undefined>,
): Promise<void> {
  const tested = await findTested(folder, digest);
  const name = digest.slice(0, 12);
  if (tested === undefined) {
    throw untested(endpointName, `Its package ${name} has not passed "smlocal test" here.`);
  }
  if (tested.tests === (await testsOf(tested.endpointName))) return;
  throw untested(
    endpointName,
    `The tests that its package ${name} passed on ${tested.at} have changed.`,
  );
}

function untested(endpointName: string, why: string): SmlocalError {
  return new SmlocalError(`${endpointName} is not promoted. ${why}`, {
    hint: 'Type: smlocal deploy && smlocal test   and then the same again. "smlocal deploy --env NAME" deploys without this check.',
  });
}
