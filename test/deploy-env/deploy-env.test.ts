import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeEndpointCommand } from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand } from '@aws-sdk/client-sagemaker-runtime';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { DeployEnv } from '../../src/index.js';
import { ROOT } from '../support/fixtures.js';
import { pythonClients } from '../support/python-clients.js';
import { type Ran, run, succeed } from '../support/run.js';

/* Document 004's flow: one config.yml, and scripts that do not know where they run. Served by the process engine. */

const CONFIG = `
engine: process
environments:
  default: &default
    model_name: pytorch-text-classification
    aws_role: AmazonSageMakerFullAccess
    image: none
    source_dir: code
    entry_point: inference.py
  local:
    <<: *default
    instance_type: local
    model_data_path: file://build/model
  production:
    <<: *default
    instance_type: ml.t2.medium
    model_data_path: s3://madewithml/model.tar.gz
  review: { instance_type: ml.m5.large }
`;

/** The document's test.py, but for where its client comes from. */
const INVOKE = `
payload = [["The Wimbledon tennis tournament starts next week!"],["The Canadian President signed in the new federal law."]]

response = runtime.invoke_endpoint(
    EndpointName="pytorch-text-classification",
    ContentType="application/json",
    Accept="application/json",
    Body=json.dumps(payload)
)
print([max(one["probabilities"], key=one["probabilities"].get) for one in json.loads(response["Body"].read())])
`;

let folder: string;
let python: string;

const smlocal = (args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ran> =>
  run(process.execPath, [`${ROOT}dist/cli.js`, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, ...environment },
  });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'smlocal-deploy-env-'));
  python = `${await pythonClients()}/bin/python`;
  const fixture = `${ROOT}fixtures/plain-classifier`;
  await cp(`${fixture}/code`, join(folder, 'code'), { recursive: true });
  const headlines = `${ROOT}fixtures/text-classifier/data/headlines.tsv`;
  await succeed('python3', [`${fixture}/train.py`, headlines, join(folder, 'build/model')]);
  await writeFile(join(folder, 'config.yml'), CONFIG);
  const { code, stderr } = await smlocal(['up', '--detach', '--port', '0']);
  expect({ code, stderr }).toMatchObject({ code: 0 });
}, 120_000);
afterEach(() => vi.unstubAllEnvs());
afterAll(async () => {
  await smlocal(['down', '--force']);
  await rm(folder, { recursive: true });
});

describe('a script that knows nothing of smlocal', () => {
  const script = `import boto3, json\nruntime = boto3.client("sagemaker-runtime")\n${INVOKE}`;

  test('runs in smlocal exec', async () => {
    await writeFile(join(folder, 'test.py'), script);
    const ran = await smlocal(['exec', '--', python, 'test.py'], { AWS_PROFILE: 'nobody' });
    expect(ran).toMatchObject({ code: 0, stdout: "['Sports', 'World']\n" });
  });

  test('reaches S3 and STS too, even by an address of AWS that it has in its code', async () => {
    const others = `
import boto3
sts = boto3.client("sts", endpoint_url="https://sts.us-east-1.amazonaws.com")
print(sts.get_caller_identity()["Account"], boto3.client("s3").list_buckets()["Buckets"])
`;
    await writeFile(join(folder, 'others.py'), others);
    const ran = await smlocal(['exec', '--', python, 'others.py']);
    expect(ran).toMatchObject({ code: 0, stdout: '000000000000 []\n' });
  });

  test.each([
    ['bash', 'eval "$("$NODE" "$CLI" env)"; "$PYTHON" test.py'],
    ['sh', 'eval "$("$NODE" "$CLI" env --shell bash)"; "$PYTHON" test.py'],
  ])('runs in %s that took up what smlocal env prints', async (shell, line) => {
    const ran = await run(shell, ['-c', line], {
      cwd: folder,
      env: {
        ...{ PATH: process.env.PATH, HOME: folder, AWS_PROFILE: 'nobody', SHELL: '/bin/bash' },
        ...{ NODE: process.execPath, CLI: `${ROOT}dist/cli.js`, PYTHON: python },
      },
    });
    expect(ran).toMatchObject({ code: 0, stdout: "['Sports', 'World']\n" });
  });
});

test('A script that imports DeployEnv from the Python module runs as it stands', async () => {
  const packages = join(folder, 'packages');
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps'];
  await cp(`${ROOT}python`, join(folder, 'python'), { recursive: true });
  await succeed(python, [...install, '--target', packages, join(folder, 'python')]);
  const script = `
import json
from smlocal import DeployEnv
env = DeployEnv()
print(env.current_env(), env.isLocal(), env.isProduction(), env.setting("model_data_path"), env.isDeployed(), env.isDeployed("other"))
print(env.client().describe_endpoint(EndpointName=env.setting("model_name"))["EndpointStatus"])
runtime = env.runtime_client()
${INVOKE}`;
  const environment = { PYTHONPATH: packages, PATH: process.env.PATH, HOME: folder };
  const local = await run(python, ['-c', script], { cwd: folder, env: environment });
  expect(local.stdout.split('\n')).toEqual([
    'local True False file://build/model True False',
    'InService',
    "['Sports', 'World']",
    '',
  ]);
  const elsewhere = `
from smlocal import DeployEnv, ConfigError
env = DeployEnv()
print(env.current_env(), env.isLocal(), env.isProduction(), env.setting("model_data_path"), env.client().meta.endpoint_url)
try:
    env.setting("colour")
except ConfigError as error:
    print(error)
review = DeployEnv(environment="review")
print(review.setting("model_name"), review.setting("instance_type"))
`;
  const production = await run(python, ['-c', elsewhere], {
    cwd: folder,
    env: { ...environment, DEPLOY_ENV: 'production', AWS_DEFAULT_REGION: 'eu-west-1' },
  });
  expect(production.stdout).toMatch(
    /^production False True s3:\/\/madewithml\/model\.tar\.gz https:\/\/\S*eu-west-1\S*\n/,
  );
  expect(production.stdout).toMatch(/has no colour; it has .*model_name/);
  expect(production.stdout).toMatch(/^pytorch-text-classification ml\.m5\.large$/m);
}, 120_000);

test('The same in TypeScript', async () => {
  const config = join(folder, 'config.yml');
  const env = new DeployEnv({ config });
  expect([env.currentEnv(), env.isLocal(), env.isProduction()]).toEqual(['local', true, false]);
  expect(env.setting('model_data_path')).toBe('file://build/model');
  const EndpointName = String(env.setting('model_name'));
  const client = await env.client();
  const described = await client.send(new DescribeEndpointCommand({ EndpointName }));
  expect(described.EndpointStatus).toBe('InService');
  expect(await env.isDeployed()).toBe(true);
  const runtime = await env.runtimeClient();
  const Body = '[["The Wimbledon tennis tournament starts next week!"]]';
  const answer = await runtime.send(
    new InvokeEndpointCommand({ EndpointName, Body, ContentType: 'application/json' }),
  );
  const [prediction] = JSON.parse(Buffer.from(answer.Body ?? []).toString());
  expect(prediction.probabilities.Sports).toBeGreaterThan(0.9);
  expect(JSON.parse((await env.invoke(Body)).body.toString())).toEqual([prediction]);
  client.destroy();
  runtime.destroy();

  vi.stubEnv('DEPLOY_ENV', 'production');
  const production = new DeployEnv({ config });
  expect([production.isLocal(), production.isProduction()]).toEqual([false, true]);
  expect(production.setting('model_data_path')).toBe('s3://madewithml/model.tar.gz');
  expect(() => production.setting('colour')).toThrow(/has no colour/);
  const review = new DeployEnv({ config, environment: 'review' });
  expect(review.setting('model_name')).toBe('pytorch-text-classification');
  expect(() => new DeployEnv({ config, environment: 'staging' })).toThrow(/no environment staging/);
});

test('Another environment keeps the user’s own AWS settings', async () => {
  const theirs = { AWS_PROFILE: 'work', AWS_ACCESS_KEY_ID: 'theirs', AWS_REGION: 'eu-north-1' };
  const print =
    'const e = process.env; console.log([e.DEPLOY_ENV, e.AWS_PROFILE, e.AWS_ACCESS_KEY_ID, e.AWS_REGION, e.AWS_ENDPOINT_URL])';
  const ran = await smlocal(
    ['exec', '--env', 'production', '--', process.execPath, '-e', print],
    theirs,
  );
  expect(ran.stdout).toBe("[ 'production', 'work', 'theirs', 'eu-north-1', undefined ]\n");
  const printed = await smlocal(['env', '--shell', 'fish'], {
    ...theirs,
    DEPLOY_ENV: 'production',
  });
  expect(printed.stdout).toBe(
    "set -gx DEPLOY_ENV 'production'\n# production: your own AWS settings, as they are.\n",
  );
  const led = await smlocal(['exec', '--env', 'production', '--', 'true'], {
    AWS_ENDPOINT_URL: 'http://127.0.0.1:4577',
  });
  expect(led).toMatchObject({ code: 2, stderr: expect.stringContaining('unset AWS_ENDPOINT_URL') });
  const unknown = await smlocal(['env', '--env', 'staging']);
  expect(unknown.stderr).toMatch(/no environment staging[\s\S]*default, local, production, review/);
});

test('A command’s exit code is passed on, a signal’s as well, and one that is not there is told', async () => {
  expect((await smlocal(['exec', '--', 'sh', '-c', 'exit 7'])).code).toBe(7);
  expect((await smlocal(['exec', '--', 'sh', '-c', 'kill -TERM $$'])).code).toBe(143);
  const missing = await smlocal(['exec', '--', 'no-such-program']);
  expect(missing).toMatchObject({ code: 127, stderr: expect.stringContaining('was not found') });
});

test('Where no smlocal runs it says what to type', async () => {
  const ran = await smlocal(['exec', '--state-dir', join(folder, 'none'), '--', 'true']);
  expect(ran).toMatchObject({ code: 3, stderr: expect.stringContaining('smlocal up') });
});
