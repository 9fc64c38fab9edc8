import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Finding } from '../../src/commands/doctor-checks.js';
import { useAccount } from '../deploy/aws-account.js';
import { ROOT } from '../support/fixtures.js';
import { MOTO_ACCOUNT } from '../support/moto.js';
import { run } from '../support/run.js';

const account = useAccount();

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'smlocal-doctor-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function doctor(config: string | undefined, args: readonly string[] = [], shell = {}) {
  if (config === undefined) await rm(join(folder, 'config.yml'), { force: true });
  else await writeFile(join(folder, 'config.yml'), config);
  const env = {
    ...{ PATH: process.env.PATH, HOME: folder, DOCKER_HOST: `unix://${folder}/none.sock` },
    ...{
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    ...shell,
  };
  const cli = [`${ROOT}dist/cli.js`, 'doctor', ...args];
  return run(process.execPath, cli, { cwd: folder, env });
}

async function findings(config: string | undefined, args: readonly string[] = [], shell = {}) {
  const { stdout } = await doctor(config, ['--json', ...args], shell);
  const all = JSON.parse(stdout) as Finding[];
  return Object.fromEntries(all.map((one) => [one.subject, one]));
}

/** A port that somebody has, until the test ends. */
async function takenPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

test('Without Docker it says that processes serve, and how to have Docker; where Docker is asked for, that is a fault', async () => {
  const auto = await findings('engine: auto');
  expect(auto.engine).toMatchObject({
    state: 'warning',
    found: expect.stringContaining('Processes'),
  });
  expect(auto.engine?.mend).toBeTruthy();
  expect(auto.Python?.state).toBe('ok');
  expect(auto.mounts?.found).toContain('/opt/ml/model');
  const asked = await doctor('engine: docker');
  expect(asked.code).toBe(1);
  expect(asked.stdout).toMatch(/^✗ engine: .*\n {4}\S/m);
});

test('A port that is taken, and a Python that is none, are told with what to type', async () => {
  const port = await takenPort();
  const found = await findings(
    `port: ${port}\nengine: process\nendpoints: { e: { image: i, python: ./none } }`,
  );
  expect(found.port).toMatchObject({
    state: 'fault',
    found: expect.stringContaining(`${port} is taken`),
    mend: expect.stringContaining('smlocal up --port'),
  });
  expect(found.Python).toMatchObject({
    state: 'fault',
    found: expect.stringContaining('No Python'),
  });
});

test('A wrong config.yml is a finding among the others', async () => {
  const found = await findings('prot: 1\nregion: x\n');
  expect(found.config).toMatchObject({
    state: 'fault',
    found: expect.stringContaining('config.yml:1:1'),
  });
  expect(found.disk?.found).toContain('GB free');
  expect((await findings(undefined)).config).toMatchObject({
    state: 'ok',
    found: 'no config.yml here',
  });
});

test('Credentials are asked about where an environment is named', async () => {
  const config = (expected: string) =>
    `environments: { production: { model_name: m, image: i, region: eu-west-1, account: "${expected}" } }`;
  const args = ['--env', 'production', '--endpoint-url', account.url];
  const right = await findings(config(MOTO_ACCOUNT), args);
  expect(right.credentials).toMatchObject({
    state: 'ok',
    found: expect.stringContaining(MOTO_ACCOUNT),
  });
  const wrong = await findings(config('999999999999'), args);
  expect(wrong.credentials).toMatchObject({
    state: 'fault',
    mend: expect.stringContaining('AWS_PROFILE'),
  });
  const none = await findings(config(MOTO_ACCOUNT), args, {
    AWS_ACCESS_KEY_ID: '',
    AWS_SECRET_ACCESS_KEY: '',
  });
  expect(none.credentials).toMatchObject({
    state: 'fault',
    mend: expect.stringContaining('aws configure'),
  });
});

test('A clock that is too far from AWS’s is told', async () => {
  const server = createHttpServer((request, response) => {
    request.resume();
    response.sendDate = false;
    response.setHeader('date', new Date(Date.now() + 20 * 60_000).toUTCString());
    response.setHeader('content-type', 'text/xml');
    response.end(
      `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>${MOTO_ACCOUNT}</Account><Arn>arn:aws:iam::${MOTO_ACCOUNT}:user/x</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`,
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = 'environments: { production: { model_name: m, image: i, region: eu-west-1 } }';
  const found = await findings(config, ['--env', 'production', '--endpoint-url', url]);
  expect(found.clock).toMatchObject({ state: 'fault', mend: expect.stringContaining('set-ntp') });
});
