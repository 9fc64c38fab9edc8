import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListModelsCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { Daemon } from '../../src/daemon/daemon.js';
import { startDaemon } from '../../src/daemon/start-daemon.js';
import { configFor, REGION } from '../support/test-daemon.js';

/* Keys of AssumeRole where signatures are verified. */

const OWN = { accessKeyId: 'AKIDLOCAL', secretAccessKey: 'a-local-secret' };
const ROLE = 'arn:aws:iam::123456789012:role/path/Deployer';
const SESSION = 'arn:aws:sts::123456789012:assumed-role/Deployer/me';

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

let stateDir: string;
let daemon: Daemon;

const start = () =>
  startDaemon({
    config: {
      ...configFor('process'),
      ...{ verifySignatures: true, accessKeys: { [OWN.accessKeyId]: OWN.secretAccessKey } },
    },
    stateDir,
  });

beforeAll(async () => {
  stateDir = mkdtempSync(join(tmpdir(), 'smlocal-assumed-'));
  daemon = await start();
});
afterEach(() => {
  vi.useRealTimers();
});
afterAll(async () => {
  await daemon.stop({ force: true });
  rmSync(stateDir, { recursive: true });
});

const settings = (credentials: Keys) => ({
  ...{ endpoint: daemon.url, region: REGION, maxAttempts: 1, forcePathStyle: true, credentials },
});

async function assume(by: Keys, RoleArn = ROLE): Promise<Required<Keys>> {
  const command = new AssumeRoleCommand({ RoleArn, RoleSessionName: 'me', DurationSeconds: 900 });
  const { Credentials } = await new STSClient(settings(by)).send(command);
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
  };
}

const identity = async (keys: Keys) =>
  (await new STSClient(settings(keys)).send(new GetCallerIdentityCommand({}))).Arn;

/** What each service says to these keys: a code and a status, or that it has answered. */
async function answers(keys: Keys) {
  const calls = {
    sagemaker: () => new SageMakerClient(settings(keys)).send(new ListModelsCommand({})),
    sts: () => identity(keys),
    s3: () => new S3Client(settings(keys)).send(new ListBucketsCommand({})),
  };
  const said = await Promise.all(
    Object.entries(calls).map(async ([service, call]) => [service, await outcome(call())]),
  );
  return Object.fromEntries(said);
}

async function outcome(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'answered',
    ({ name, $metadata }) => `${name} ${$metadata?.httpStatusCode}`,
  );
}

const ANSWERED = { sagemaker: 'answered', sts: 'answered', s3: 'answered' };

test('Keys that AssumeRole gave out are as good as the key that asked for them, and say who they are', async () => {
  const keys = await assume(OWN);
  expect(await answers(keys)).toEqual(ANSWERED);
  expect(await identity(keys)).toBe(SESSION);
  const next = await assume(keys, 'arn:aws:iam::123456789012:role/Next');
  expect(await identity(next)).toBe('arn:aws:sts::123456789012:assumed-role/Next/me');
  const command = new GetObjectCommand({ Bucket: 'none', Key: 'none' });
  const url = await getSignedUrl(new S3Client(settings(keys)), command);
  expect(await (await fetch(url)).text()).toContain('<Code>NoSuchBucket</Code>');
});

test('Without their token, with another, or with a secret of one’s own they are refused in each service’s words', async () => {
  const keys = await assume(OWN);
  const { sessionToken: other } = await assume(OWN);
  const { sessionToken: _, ...without } = keys;
  const unknown = {
    sagemaker: 'UnrecognizedClientException 403',
    sts: 'InvalidClientTokenId 403',
  };
  expect(await answers(without)).toEqual({ ...unknown, s3: 'InvalidAccessKeyId 403' });
  for (const sessionToken of [other, 'nonsense', changed(keys.sessionToken)]) {
    expect(await answers({ ...keys, sessionToken })).toEqual({
      ...unknown,
      s3: 'InvalidToken 400',
    });
  }
  expect(await answers({ ...keys, secretAccessKey: 'mine' })).toEqual({
    sagemaker: 'InvalidSignatureException 403',
    sts: 'SignatureDoesNotMatch 403',
    s3: 'SignatureDoesNotMatch 403',
  });
});

/** The same token for a later time. */
function changed(token: string): string {
  const bytes = Buffer.from(token, 'base64');
  const text = bytes.toString('latin1').replace(/"expires":1/, '"expires":9');
  expect(text).not.toBe(bytes.toString('latin1'));
  return Buffer.from(text, 'latin1').toString('base64');
}

test('After their time they are expired, and not before', async () => {
  const keys = await assume(OWN);
  const now = Date.now();
  vi.useFakeTimers({ toFake: ['Date'], now: now + 895_000 });
  expect(await answers(keys)).toEqual(ANSWERED);
  vi.setSystemTime(now + 905_000);
  expect(await answers(keys)).toEqual({
    sagemaker: 'ExpiredTokenException 403',
    sts: 'ExpiredToken 403',
    s3: 'ExpiredToken 400',
  });
  expect(await answers(OWN)).toEqual(ANSWERED);
});

test('They outlast a restart of smlocal, and are another state folder’s to refuse', async () => {
  const keys = await assume(OWN);
  await daemon.stop({ force: true });
  daemon = await start();
  expect(await answers(keys)).toEqual(ANSWERED);
  expect(await identity(keys)).toBe(SESSION);
  await daemon.stop({ force: true });
  rmSync(join(stateDir, 'role-keys.json'));
  daemon = await start();
  expect(await answers(keys)).toMatchObject({ sts: 'InvalidClientTokenId 403' });
});
