import { createHash, createHmac } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
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
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { beforeAll, expect, test } from 'vitest';
import { filesUnder } from '../support/files.js';
import { startBoto3 } from '../support/moto.js';
import { REGION } from '../support/test-daemon.js';
import { got, MB, usePassingDaemon } from './passing-daemon.js';

const NAMED = 'named';

const world = usePassingDaemon([NAMED, 'models-*']);

beforeAll(async () => {
  await world.here.send(new CreateBucketCommand({ Bucket: NAMED }));
  await world.there.send(new CreateBucketCommand({ Bucket: 'models-a' }));
});

const bytesOf = (length: number) => Buffer.alloc(length, 'passed through ');

const code = (call: Promise<unknown>) =>
  call.then(
    () => 'not refused',
    (error: Error) => error.name,
  );

test('What is put is in the other S3, bytes and headers, and nowhere here', async () => {
  const Body = bytesOf(3 * MB + 5);
  const at = { Bucket: NAMED, Key: 'a b/ü+(1).bin' };
  const { ETag } = await world.here.send(
    new PutObjectCommand({ ...at, Body, ContentType: 'x/y', Metadata: { k: 'v' } }),
  );
  expect((await got(world.there, NAMED, at.Key)).equals(Body)).toBe(true);
  const head = await world.there.send(new HeadObjectCommand(at));
  expect(head).toMatchObject({ ETag, ContentType: 'x/y', Metadata: { k: 'v' } });
  expect(existsSync(join(world.stateDir, 's3'))).toBe(false);
});

test('An upload in parts, a listing, copies and deletions are the other S3’s', async () => {
  const { here, there } = world;
  const Body = bytesOf(11 * MB);
  const params = { Bucket: NAMED, Key: 'parts/big', Body };
  await new Upload({ client: here, params, partSize: 5 * MB }).done();
  expect((await got(there, NAMED, 'parts/big')).equals(Body)).toBe(true);
  const CopySource = `${NAMED}/parts/big`;
  await here.send(new CopyObjectCommand({ Bucket: 'models-a', Key: 'copy', CopySource }));
  const listed = await here.send(new ListObjectsV2Command({ Bucket: NAMED, Prefix: 'parts/' }));
  expect(listed.Contents).toMatchObject([{ Key: 'parts/big', Size: Body.length }]);
  await here.send(new DeleteObjectCommand({ Bucket: 'models-a', Key: 'copy' }));
  const Delete = { Objects: [{ Key: 'parts/big' }] };
  await here.send(new DeleteObjectsCommand({ Bucket: NAMED, Delete }));
  expect(await code(got(there, 'models-a', 'copy'))).toBe('NoSuchKey');
  expect(await code(got(here, NAMED, 'parts/big'))).toBe('NoSuchKey');
});

test('What has been read is not sent again while it is the same, and is when it has changed', async () => {
  const { here, there, proxy } = world;
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

test('A part alone is passed through, and so is a condition; a condition on what has changed does not hold', async () => {
  const { here, there, proxy } = world;
  const at = { Bucket: 'models-a', Key: 'read/conditions' };
  const { ETag } = await there.send(new PutObjectCommand({ ...at, Body: '0123456789' }));
  expect((await got(here, at.Bucket, at.Key, { Range: 'bytes=2-4' })).toString()).toBe('234');
  expect(proxy.taken()).toEqual(['GET /models-a/read/conditions 206']);
  await got(here, at.Bucket, at.Key);
  expect((await got(here, at.Bucket, at.Key, { IfMatch: ETag })).toString()).toBe('0123456789');
  expect(proxy.taken().at(-1)).toBe('GET /models-a/read/conditions 304');
  await expect(got(here, at.Bucket, at.Key, { IfNoneMatch: ETag })).rejects.toMatchObject({
    $metadata: { httpStatusCode: 304 },
  });
  await there.send(new PutObjectCommand({ ...at, Body: 'changed' }));
  const failed = got(here, at.Bucket, at.Key, { IfMatch: ETag, Range: 'bytes=0-1' });
  expect(await code(failed)).toBe('PreconditionFailed');
});

test('The copies come to no more than they may, and the oldest go first', async () => {
  const { here, there, proxy } = world;
  for (const Key of ['x', 'y', 'z']) {
    await there.send(new PutObjectCommand({ Bucket: 'models-a', Key, Body: bytesOf(15 * MB) }));
    await got(here, 'models-a', Key);
  }
  proxy.taken();
  for (const key of ['z', 'y']) await got(here, 'models-a', key);
  expect(proxy.taken()).toEqual(['GET /models-a/z 304', 'GET /models-a/y 304']);
  await got(here, 'models-a', 'x');
  expect(proxy.taken()).toEqual(['GET /models-a/x 200']);
  const files = await filesUnder(join(world.stateDir, 's3-remote', 'objects'));
  expect(files.filter(({ path }) => /\/[xyz]$/.test(path))).toHaveLength(2);
  expect(readdirSync(join(world.stateDir, 's3-remote', 'partial'))).toEqual([]);
});

test('A presigned URL of the client’s is as good there, and its time is held to', async () => {
  await world.there.send(new PutObjectCommand({ Bucket: NAMED, Key: 'shown', Body: 'to all' }));
  const command = new GetObjectCommand({ Bucket: NAMED, Key: 'shown' });
  const url = await getSignedUrl(world.here, command, { expiresIn: 60 });
  expect(await (await fetch(url)).text()).toBe('to all');
  const signingDate = new Date(Date.now() - 3_600_000);
  const old = await getSignedUrl(world.here, command, { expiresIn: 60, signingDate });
  expect((await fetch(old)).status).toBe(403);
});

test('An upload whose chunks are signed by its client arrives as its content', async () => {
  const { daemon, there } = world;
  const sign = (text: string) => createHmac('sha256', 'any').update(text).digest('hex');
  const chunks = ['passed ', 'through', ''].map(
    (text) => `${text.length.toString(16)};chunk-signature=${sign(text)}\r\n${text}\r\n`,
  );
  const answer = await fetch(`${daemon.url}/${NAMED}/signed-chunks`, {
    method: 'PUT',
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${REGION}/s3/aws4_request, SignedHeaders=host, Signature=0`,
      'content-encoding': 'aws-chunked',
      'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
      'x-amz-decoded-content-length': '14',
    },
    body: chunks.join(''),
  });
  expect(answer.status).toBe(200);
  const md5 = createHash('md5').update('passed through').digest('hex');
  expect(answer.headers.get('etag')).toBe(`"${md5}"`);
  expect((await got(there, NAMED, 'signed-chunks')).toString()).toBe('passed through');
});

test('A bucket that is here stays here, a pattern’s new bucket is made here, and nothing is copied between the two', async () => {
  const { here, there, proxy } = world;
  mkdirSync(join(world.stateDir, 's3', 'models-here'), { recursive: true });
  await here.send(new PutObjectCommand({ Bucket: 'models-here', Key: 'k', Body: 'local' }));
  await here.send(new CreateBucketCommand({ Bucket: 'models-made' }));
  await here.send(new CreateBucketCommand({ Bucket: 'elsewhere' }));
  expect(readdirSync(join(world.stateDir, 's3')).sort()).toEqual(
    ['elsewhere', 'models-here', 'models-made'].sort(),
  );
  expect(proxy.taken()).toEqual([]);
  await there.send(new PutObjectCommand({ Bucket: NAMED, Key: 'k', Body: 'remote' }));
  for (const [Bucket, CopySource] of [
    [NAMED, 'models-here/k'],
    ['models-here', `${NAMED}/k`],
  ]) {
    const copy = here.send(new CopyObjectCommand({ Bucket, Key: 'c', CopySource }));
    await expect(copy).rejects.toMatchObject({ name: 'NotImplemented' });
  }
});

test('boto3 puts, reads in ranges at once, and gets the other S3’s errors', async () => {
  const boto3 = await startBoto3(world.daemon.url, REGION);
  try {
    const shown = await boto3.run(`
import io
from boto3.s3.transfer import TransferConfig
body = bytes(range(256)) * 90000
s3.upload_fileobj(io.BytesIO(body), "${NAMED}", "from/boto3", ExtraArgs={"Metadata": {"k": "v"}})
def download():
    whole = io.BytesIO()
    s3.download_fileobj("${NAMED}", "from/boto3", whole, Config=TransferConfig(multipart_threshold=5 << 20))
    return whole.getvalue() == body
first = download()
s3.get_object(Bucket="${NAMED}", Key="from/boto3")["Body"].read()
def refused(call):
    try:
        call()
    except Exception as error:
        return [error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]]
show([
    first, download(),
    s3.head_object(Bucket="${NAMED}", Key="from/boto3")["Metadata"],
    refused(lambda: s3.get_object(Bucket="${NAMED}", Key="missing")),
    refused(lambda: s3.list_objects_v2(Bucket="models-nowhere")),
])`);
    expect(shown).toEqual([
      ...[true, true, { k: 'v' }],
      ...[
        ['NoSuchKey', 404],
        ['NoSuchBucket', 404],
      ],
    ]);
  } finally {
    await boto3.stop();
  }
});
