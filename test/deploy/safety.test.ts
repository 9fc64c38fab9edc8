import { expect, onTestFinished, test } from 'vitest';
import { ExitCode } from '../../src/errors.js';
import { MOTO_ACCOUNT } from '../support/moto.js';
import { useAccount } from './aws-account.js';
import { DeployProject, REGION } from './project.js';

const account = useAccount();

const EMPTY = { buckets: [], objects: [], uploads: [], models: [], configs: [], endpoints: {} };

async function projectWith(settings: Record<string, unknown> = {}) {
  const project = await DeployProject.make(settings);
  onTestFinished(() => project.remove());
  const deploy = (...args: string[]) =>
    project.smlocal('deploy', '--env', 'production', '--endpoint-url', account.url, ...args);
  return { project, deploy };
}

test('A dry run prints each call and its reason, the account, the region and the role, and changes nothing', async () => {
  const { deploy } = await projectWith();
  const { code, stdout } = await deploy('--dry-run');
  expect(code).toBe(0);
  expect(stdout).toContain(`account ${MOTO_ACCOUNT}`);
  expect(stdout).toContain(REGION);
  expect(stdout).toContain(`arn:aws:iam::${MOTO_ACCOUNT}:role/service-role/SageMakerRole`);
  const calls = [...stdout.matchAll(/^ {2}[+…] (\S+) .*: \S/gm)].map(([, call]) => call);
  expect(calls).toEqual([
    's3:CreateBucket',
    's3:PutObject',
    'sagemaker:CreateModel',
    'sagemaker:CreateEndpointConfig',
    'sagemaker:CreateEndpoint',
    'sagemaker:DescribeEndpoint',
  ]);
  expect(await account.left()).toEqual(EMPTY);
});

test('Where nobody can be asked and --yes is not given, it is refused, with what to type', async () => {
  const { deploy } = await projectWith();
  const { code, stderr } = await deploy();
  expect(code).toBe(ExitCode.usage);
  expect(stderr).toContain('smlocal deploy --env production --yes');
  expect(await account.left()).toEqual(EMPTY);
});

const refusals: [string, Record<string, unknown>, RegExp, RegExp][] = [
  [
    'credentials of another account',
    { account: '999999999999' },
    /are of account 123456789012 .* production is account 999999999999/,
    /AWS_PROFILE/,
  ],
  ['no role', { aws_role: null }, /news has no role/, /aws_role: NAME/],
  ['a role that is not there', { aws_role: 'Nobody' }, /no role Nobody/, /aws_role/],
  ['a local instance type', { instance_type: 'local' }, /"local", which AWS has not/, /ml\./],
  [
    'a bucket that is not there',
    { bucket: 'no-such-bucket' },
    /no bucket no-such-bucket/,
    /aws s3 mb/,
  ],
  [
    'data in S3 that is not there',
    { model_data_path: 's3://no-such-bucket/m.tar.gz', source_dir: null },
    /no model data at s3:\/\/no-such-bucket/,
    /Upload it/,
  ],
  [
    'data that is not on this machine',
    { model_data_path: 'file://none' },
    /nothing to pack/,
    /model_data_path/,
  ],
];

test.each(refusals)('It is refused for %s', async (_, settings, message, hint) => {
  const { deploy } = await projectWith(settings);
  const { code, stderr } = await deploy('--yes');
  expect([ExitCode.failed, ExitCode.usage]).toContain(code);
  expect(stderr).toMatch(message);
  expect(stderr).toMatch(hint);
  expect(await account.left()).toEqual(EMPTY);
});

test.each(['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL_SAGEMAKER'])(
  '%s that points at this machine is refused by name',
  async (name) => {
    const { project } = await projectWith();
    project.export(name, account.url.replace('127.0.0.1', 'localhost'));
    const { code, stderr } = await project.smlocal('deploy', '--env', 'production', '--yes');
    expect(code).toBe(ExitCode.usage);
    expect(stderr).toContain(`unset ${name}`);
    expect(await account.left()).toEqual(EMPTY);
  },
);

test('An endpoint of the profile that is this machine is refused before anything is sent to it', async () => {
  const { project } = await projectWith();
  await project.write('aws-config', `[default]\nendpoint_url = ${account.url}\n`);
  project.export('AWS_CONFIG_FILE', project.at('aws-config'));
  const { code, stderr } = await project.smlocal('deploy', '--env', 'production', '--yes');
  expect(code).toBe(ExitCode.usage);
  expect(stderr).toContain('Remove endpoint_url from the profile');
  expect(await account.left()).toEqual(EMPTY);
});

test('DEPLOY_ENV says which environment, and without it the local one is meant', async () => {
  const { project } = await projectWith();
  const local = await project.smlocal('deploy');
  expect(local).toMatchObject({ code: ExitCode.notRunning });
  project.export('DEPLOY_ENV', 'production');
  const { stdout } = await project.smlocal('deploy', '--endpoint-url', account.url, '--dry-run');
  expect(stdout).toContain('Deploying to production');
  project.export('DEPLOY_ENV', 'staging');
  const none = await project.smlocal('deploy', '--endpoint-url', account.url, '--dry-run');
  expect(none).toMatchObject({ code: ExitCode.usage });
  expect(none.stderr).toContain('config.yml has no environment staging');
});

test('The region is the block’s, else AWS_REGION, else the profile’s; it is never guessed', async () => {
  const { project, deploy } = await projectWith({ region: null });
  const regionOf = async () => /, (\S+), as arn/.exec((await deploy('--dry-run')).stdout)?.[1];
  const none = await deploy('--dry-run');
  expect(none).toMatchObject({ code: ExitCode.failed });
  expect(none.stderr).toContain('No region is set');
  await project.write('aws-config', '[default]\nregion = ap-south-1\n');
  project.export('AWS_CONFIG_FILE', project.at('aws-config'));
  expect(await regionOf()).toBe('ap-south-1');
  project.export('AWS_REGION', 'eu-north-1');
  expect(await regionOf()).toBe('eu-north-1');
  await project.configure({ region: 'us-west-2' });
  expect(await regionOf()).toBe('us-west-2');
});
