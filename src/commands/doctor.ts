import { callerIdentity } from '../aws/identity.js';
import type { Config } from '../config/config.js';
import { defaultConfig, LOCAL, loadConfig } from '../config/load.js';
import { type StateFolder, stateFolderFor } from '../daemon/state-folder.js';
import { awsSettingsFor } from '../deploy-env/connect.js';
import { ExitCode, ServiceError, SmlocalError } from '../errors.js';
import {
  engineFindings,
  type Finding,
  fault,
  portFinding,
  pythonFindings,
  roomFindings,
} from './doctor-checks.js';

export interface DoctorOptions {
  readonly config?: string;
  readonly stateDir?: string;
  readonly env?: string;
  readonly endpointUrl?: string;
  readonly json?: boolean;
}

/** `smlocal doctor`: looks at what smlocal needs on this machine, and says how to mend what is not right. */
export async function doctor(options: DoctorOptions): Promise<ExitCode> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const findings = await look(options);
  const text = options.json ? JSON.stringify(findings, null, 2) : findings.map(render).join('\n');
  process.stdout.write(`${text}\n`);
  return findings.some(({ state }) => state === 'fault') ? ExitCode.failed : ExitCode.ok;
}

async function look(options: DoctorOptions): Promise<Finding[]> {
  const folder = stateFolderFor(options, process.env);
  const { config, finding } = readConfig(options);
  return [
    finding,
    ...(await engineFindings(config)),
    ...(await pythonFindings(config)),
    await portFinding(config, folder),
    ...(await roomFindings(folder)),
    await credentialsFinding(options, folder),
  ];
}

/** What a wrong file would have said is looked at by the defaults. */
function readConfig({ config: path }: DoctorOptions): { config: Config; finding: Finding } {
  const subject = 'config';
  try {
    const config = loadConfig(path, process.env);
    const many = config.endpoints.length;
    const found =
      config.file === undefined
        ? 'no config.yml here'
        : `${config.file}, ${many} endpoint${many === 1 ? '' : 's'} here`;
    return { config, finding: { subject, state: 'ok', found } };
  } catch (error) {
    return { config: defaultConfig(process.env), finding: fault(subject, error) };
  }
}

/** Whose credentials an environment has, by STS. Only where one is named, for it asks AWS. */
async function credentialsFinding(options: DoctorOptions, folder: StateFolder): Promise<Finding> {
  const subject = 'credentials';
  const environment = options.env || process.env.DEPLOY_ENV || LOCAL;
  if (environment === LOCAL) {
    const found =
      'not needed here; "smlocal doctor --env production" asks AWS for an environment’s';
    return { subject, state: 'ok', found };
  }
  try {
    const config = loadConfig(options.config, process.env, environment);
    const { endpointUrl } = options;
    const settings = await awsSettingsFor({ environment, config, folder, endpointUrl });
    const identity = await callerIdentity(settings, AbortSignal.timeout(20_000));
    return identityFinding(environment, config, settings.region, identity);
  } catch (error) {
    if (!(error instanceof ServiceError)) return fault(subject, error);
    return fault(subject, new SmlocalError(`${error.code}: ${error.message}`, { hint: RENEW }));
  }
}

/** Signatures that are further off are refused (IAM user guide, "Signing AWS API requests"). */
const SKEW_LIMIT_MS = 5 * 60_000;

const RENEW =
  'Type "aws sso login" or "aws configure", or name another profile with aws_profile in config.yml.';

function identityFinding(
  environment: string,
  config: Config,
  region: string,
  { accountId, arn, clockOffsetMs }: Awaited<ReturnType<typeof callerIdentity>>,
): Finding {
  const subject = 'credentials';
  const found = `${environment}: account ${accountId}, ${region}, ${arn}`;
  const expected = config.deploy?.account;
  if (expected !== undefined && expected !== accountId) {
    const mend = `config.yml says ${expected}: set AWS_PROFILE or aws_profile, or correct "account".`;
    return { subject, state: 'fault', found, mend };
  }
  if (Math.abs(clockOffsetMs) < SKEW_LIMIT_MS) return { subject, state: 'ok', found };
  const minutes = (clockOffsetMs / 60_000).toFixed(0);
  return {
    subject: 'clock',
    state: 'fault',
    found: `AWS’s clock is ${minutes} minutes from this machine’s, and it refuses what is signed over five minutes off`,
    mend: 'Set the clock: sudo timedatectl set-ntp true; in a virtual machine, restart it.',
  };
}

const SIGNS = { ok: '✓', warning: '!', fault: '✗' } as const;

function render({ subject, state, found, mend }: Finding): string {
  const line = `${SIGNS[state]} ${subject}: ${found.split('\n').join('\n    ')}`;
  return mend === undefined || state === 'ok' ? line : `${line}\n    ${mend}`;
}
