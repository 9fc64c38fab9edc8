import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { passed } from '../clients/matrix.js';
import { ACCOUNT, REGION, useControlDaemon } from '../support/control-daemon.js';
import { awsEnvironment, pythonClients } from '../support/python-clients.js';
import { succeed } from '../support/run.js';

const control = useControlDaemon();
const folder = mkdtempSync(join(tmpdir(), 'smlocal-clients-'));
const HOOK = fileURLToPath(new URL('../../src/python/client', import.meta.url));
let clients = '';

beforeAll(async () => {
  clients = await pythonClients();
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true }));

const environment = () => ({
  ...awsEnvironment(control.url, folder),
  ...{ AWS_REGION: REGION, AWS_DEFAULT_REGION: REGION },
});

test('A script with boto3 reaches S3, STS and IAM, also by an address of AWS’s that it has written into it', async () => {
  const script = fileURLToPath(new URL('clients.py', import.meta.url));
  const env = { ...environment(), PYTHONPATH: HOOK };
  const out = await succeed(join(clients, 'bin', 'python'), [script, folder], { env });
  expect(JSON.parse(out)).toEqual({
    buckets: ['from-boto3'],
    location: REGION,
    same: true,
    etag: '-4"',
    metadata: { k: 'v' },
    encryption: 'aws:kms',
    copied: true,
    keys: [
      ...['a\rb', 'copied', 'e\u0301', 'models/big.bin', 'odd', 'odd/', 'odd/../y', 'odd//x'],
      ...['odd/z', 'whole', 'é'],
    ],
    bodies: true,
    refused: [
      ['404', 404],
      ['404', 404],
      ['NoSuchKey', 404],
      ['PreconditionFailed', 412],
      ['BadDigest', 400],
      ['NotImplemented', 501],
    ],
    identity: `arn:aws:sts::${ACCOUNT}:assumed-role/LocalSageMakerRole/smlocal`,
    assumed: 'arn:aws:sts::123456789012:assumed-role/Other/me',
    role: `arn:aws:iam::${ACCOUNT}:role/LocalSageMakerRole`,
    'no role': ['NoSuchEntity', 404],
    trust: true,
    roles: [
      `arn:aws:iam::${ACCOUNT}:role/LocalSageMakerRole`,
      `arn:aws:iam::${ACCOUNT}:role/service-role/Made`,
    ],
    again: ['EntityAlreadyExists', 409],
  });
  passed('boto3', ['S3', 'STS', 'IAM']);
}, 60_000);

test('The aws command line copies, syncs and removes', async () => {
  const aws = (...words: string[]) =>
    succeed(join(clients, 'bin', 'aws'), words, { env: environment() });
  const local = join(folder, 'project');
  mkdirSync(join(local, 'code'), { recursive: true });
  writeFileSync(join(local, 'model.tar.gz'), Buffer.alloc(9 << 20, 7));
  writeFileSync(join(local, 'code', 'inference.py'), 'print(1)\n');
  await aws('s3', 'mb', 's3://from-cli');
  await aws('s3', 'sync', local, 's3://from-cli/project');
  expect(await aws('s3', 'cp', 's3://from-cli/project/code/inference.py', '-')).toBe('print(1)\n');
  expect(await aws('s3', 'sync', local, 's3://from-cli/project')).toBe('');
  await aws('s3', 'sync', 's3://from-cli/project', join(folder, 'back'));
  const back = readFileSync(join(folder, 'back', 'model.tar.gz'));
  expect(back.equals(Buffer.alloc(9 << 20, 7))).toBe(true);
  const { ETag } = JSON.parse(
    await aws('s3api', 'head-object', '--bucket', 'from-cli', '--key', 'project/model.tar.gz'),
  );
  expect(ETag).toMatch(/^"[0-9a-f]{32}-2"$/);
  await aws('s3', 'rm', '--recursive', 's3://from-cli/project');
  expect(await aws('s3', 'ls', 's3://from-cli', '--recursive').catch(() => '')).toBe('');
  await aws('s3', 'rb', 's3://from-cli');
  expect(await aws('s3', 'ls')).toBe('');
  const me = JSON.parse(await aws('sts', 'get-caller-identity'));
  const [, role] = me.Arn.split('/');
  const { Role } = JSON.parse(await aws('iam', 'get-role', '--role-name', role));
  expect([me.Account, Role.Arn]).toEqual([ACCOUNT, `arn:aws:iam::${ACCOUNT}:role/${role}`]);
  passed('aws command line', ['S3', 'STS', 'IAM']);
}, 60_000);
