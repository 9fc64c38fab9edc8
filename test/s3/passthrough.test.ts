import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Daemon } from '../../src/daemon/daemon.js';
import { startDaemon } from '../../src/daemon/start-daemon.js';
import { type Moto, startMoto } from '../support/moto.js';
import { configFor, REGION } from '../support/test-daemon.js';
import { type CountingProxy, startCountingProxy } from './counting-proxy.js';

const NAMED = 'named';
const MB = 1 << 20;

let moto: Moto;
let proxy: CountingProxy;
let folder: string;
let daemon: Daemon;
let here: S3Client;
let there: S3Client;

const clientOf = (endpoint: string) =>
  new S3Client({
    ...{ endpoint, region: REGION, forcePathStyle: true, maxAttempts: 1 },
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });

const bytesOf = (length: number) => Buffer.alloc(length, 'passed through ');

async function got(client: S3Client, Bucket: string, Key: string, more = {}) {
  const answer = await client.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
}

beforeAll(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIATHEUSERSOWN');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'the-users-own-secret');
  vi.stubEnv('AWS_SESSION_TOKEN', undefined);
  vi.stubEnv('AWS_PROFILE', undefined);
  moto = await startMoto();
  proxy = await startCountingProxy(moto.url);
  folder = mkdtempSync(join(tmpdir(), 'smlocal-passthrough-'));
  daemon = await startDaemon({
    config: {
      ...configFor('process'),
      s3: {
        ...{ passthrough: [NAMED, 'models-*'], endpoint: proxy.url, region: REGION },
        maxCacheBytes: 40 * MB,
      },
    },
    stateDir: folder,
  });
  here = clientOf(daemon.url);
  there = clientOf(moto.url);
  await here.send(new CreateBucketCommand({ Bucket: NAMED }));
  await there.send(new CreateBucketCommand({ Bucket: 'models-a' }));
}, 300_000);

afterAll(async () => {
  here.destroy();
  there.destroy();
  await daemon.stop({ force: true });
  await proxy.leave();
  await moto.stop();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  proxy.taken();
  proxy.bytes();
});

test('What is put is in the other S3, bytes and headers, and nowhere here', async () => {
  const Body = bytesOf(3 * MB + 5);
  const put = {
    Bucket: NAMED,
    Key: 'a b/ü+(1).bin',
    Body,
    ContentType: 'x/y',
    Metadata: { k: 'v' },
  };
  const { ETag } = await here.send(new PutObjectCommand(put));
  expect((await got(there, NAMED, put.Key)).equals(Body)).toBe(true);
  const head = await there.send(new HeadObjectCommand({ Bucket: NAMED, Key: put.Key }));
  expect(head).toMatchObject({ ETag, ContentType: 'x/y', Metadata: { k: 'v' } });
  expect(readdirSync(folder)).not.toContain('s3');
});

test('An upload in parts, a listing, copies and deletions are the other S3’s', async () => {
  const Body = bytesOf(11 * MB);
  const params = { Bucket: NAMED, Key: 'parts/big', Body };
  await new Upload({ client: here, params, partSize: 5 * MB }).done();
  expect((await got(there, NAMED, 'parts/big')).equals(Body)).toBe(true);
  await here.send(
    new CopyObjectCommand({ Bucket: 'models-a', Key: 'copy', CopySource: `${NAMED}/parts/big` }),
  );
  const listed = await here.send(new ListObjectsV2Command({ Bucket: NAMED, Prefix: 'parts/' }));
  expect(listed.Contents).toMatchObject([{ Key: 'parts/big', Size: Body.length }]);
  await here.send(new DeleteObjectCommand({ Bucket: 'models-a', Key: 'copy' }));
  await here.send(
    new DeleteObjectsCommand({ Bucket: NAMED, Delete: { Objects: [{ Key: 'parts/big' }] } }),
  );
  for (const [bucket, key] of [
    ['models-a', 'copy'],
    [NAMED, 'parts/big'],
  ] as const) {
    await expect(got(there, bucket, key)).rejects.toThrow('The specified key does not exist.');
  }
});

test('What has been read is not sent again while it is the same, and is when it has changed', async () => {
  const at = { Bucket: 'models-a', Key: 'read/one' };
  await there.send(new PutObjectCommand({ ...at, Body: bytesOf(2 * MB) }));
  for (const status of [200, 304, 304]) {
    expect((await got(here, at.Bucket, at.Key)).equals(bytesOf(2 * MB))).toBe(true);
    expect(proxy.taken()).toEqual([`GET /models-a/read/one ${status}`]);
    expect(proxy.bytes()).toBe(status === 200 ? 2 * MB : 0);
  }
  const part = await got(here, at.Bucket, at.Key, { Range: 'bytes=15-29' });
  expect(part.toString()).toBe('passed through ');
  expect(proxy.taken()).toEqual(['GET /models-a/read/one 304']);
  await there.send(new PutObjectCommand({ ...at, Body: 'another' }));
  expect((await got(here, at.Bucket, at.Key)).toString()).toBe('another');
  expect((await got(here, at.Bucket, at.Key)).toString()).toBe('another');
  expect(proxy.taken()).toEqual(['GET /models-a/read/one 200', 'GET /models-a/read/one 304']);
});
