import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListModelsCommand } from '@aws-sdk/client-sagemaker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DeployEnv } from '../../src/index.js';
import { ROOT } from '../support/fixtures.js';
import { pythonClients } from '../support/python-clients.js';
import { type Ran, run } from '../support/run.js';

/* A daemon that takes signed requests alone: what leads scripts there has to give them a key that it knows. */

const CONFIG = `
engine: process
verify_signatures: true
access_keys: { AKIDSIGNED: a secret of its own }
environments:
  local: { model_name: m }
`;

const LIST = 'import boto3\nprint(boto3.client("sagemaker").list_models()["Models"])';

let folder: string;
let python: string;
const smlocal = (args: readonly string[]): Promise<Ran> =>
  run(process.execPath, [`${ROOT}dist/cli.js`, ...args], { cwd: folder, env: shell() });
const shell = (): NodeJS.ProcessEnv => ({ PATH: process.env.PATH, HOME: folder });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'smlocal-signed-'));
  python = `${await pythonClients()}/bin/python`;
  await writeFile(join(folder, 'config.yml'), CONFIG);
  expect(await smlocal(['up', '--detach', '--port', '0'])).toMatchObject({ code: 0 });
}, 120_000);
afterAll(async () => {
  await smlocal(['down', '--force']);
  await rm(folder, { recursive: true });
});

test('A script in smlocal exec signs with a key that the daemon knows; another key is refused', async () => {
  const ran = await smlocal(['exec', '--', python, '-c', LIST]);
  expect(ran).toMatchObject({ code: 0, stdout: '[]\n' });
  const other = `import os\nos.environ["AWS_SECRET_ACCESS_KEY"] = "local"\n${LIST}`;
  const refused = await smlocal(['exec', '--', python, '-c', other]);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('ClientError');
});

test('What smlocal env prints has that key', async () => {
  const { stdout } = await smlocal(['env', '--shell', 'bash']);
  expect(stdout).toContain("export AWS_ACCESS_KEY_ID='AKIDSIGNED'");
  expect(stdout).toContain("export AWS_SECRET_ACCESS_KEY='a secret of its own'");
});

test('DeployEnv’s clients have it, in Python and in TypeScript', async () => {
  const script =
    'from smlocal import DeployEnv\nprint(DeployEnv().client().list_models()["Models"])';
  const env = { ...shell(), PYTHONPATH: `${ROOT}python` };
  expect(await run(python, ['-c', script], { cwd: folder, env })).toMatchObject({ stdout: '[]\n' });
  const client = await new DeployEnv({ config: join(folder, 'config.yml') }).client();
  expect((await client.send(new ListModelsCommand({}))).Models).toEqual([]);
  client.destroy();
});
