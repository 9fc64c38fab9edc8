import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { expect, test } from 'vitest';
import { passed } from '../clients/matrix.js';
import { ACCOUNT, REGION } from '../support/control-daemon.js';
import { useS3 } from './s3-client.js';

const aws = useS3();

async function newBucket(): Promise<string> {
  const Bucket = `bucket-${randomUUID()}`;
  await aws.s3.send(
    new CreateBucketCommand({
      Bucket,
      CreateBucketConfiguration: { LocationConstraint: REGION },
    }),
  );
  return Bucket;
}

async function bytesAt(Bucket: string, Key: string, Range?: string): Promise<Buffer> {
  const { Body } = await aws.s3.send(new GetObjectCommand({ Bucket, Key, Range }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

const md5 = (data: Buffer) => createHash('md5').update(data).digest('hex');

test('A bucket lives from its creation to its deletion', async () => {
  const Bucket = await newBucket();
  const { BucketRegion } = await aws.s3.send(new HeadBucketCommand({ Bucket }));
  expect(BucketRegion).toBe(REGION);
  const { Buckets = [] } = await aws.s3.send(new ListBucketsCommand({}));
  expect(Buckets.map(({ Name }) => Name)).toContain(Bucket);
  await aws.s3.send(new PutObjectCommand({ Bucket, Key: 'in/the/way', Body: 'x' }));
  const refused = aws.s3.send(new DeleteBucketCommand({ Bucket }));
  await expect(refused).rejects.toMatchObject({ name: 'BucketNotEmpty' });
  await aws.s3.send(new DeleteObjectCommand({ Bucket, Key: 'in/the/way' }));
  await aws.s3.send(new DeleteBucketCommand({ Bucket }));
  const gone = aws.s3.send(new HeadBucketCommand({ Bucket }));
  await expect(gone).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
});

test('An object is given back as it was put, with what was said of it', async () => {
  const Bucket = await newBucket();
  const Body = randomBytes(300_000);
  const put = await aws.s3.send(
    new PutObjectCommand({
      ...{ Bucket, Key: 'a/b c/ä+%.bin', Body },
      ...{ ContentType: 'application/x-tar', Metadata: { colour: 'red' } },
    }),
  );
  expect(put.ETag).toBe(`"${md5(Body)}"`);
  const head = await aws.s3.send(new HeadObjectCommand({ Bucket, Key: 'a/b c/ä+%.bin' }));
  expect(head).toMatchObject({
    ...{ ContentLength: Body.length, ContentType: 'application/x-tar' },
    ...{ Metadata: { colour: 'red' }, ETag: put.ETag },
  });
  expect((await bytesAt(Bucket, 'a/b c/ä+%.bin')).equals(Body)).toBe(true);
  const some = await bytesAt(Bucket, 'a/b c/ä+%.bin', 'bytes=10-19');
  expect(some.equals(Body.subarray(10, 20))).toBe(true);
});

test.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)(
  'A stream of unknown content goes up in chunks with a %s behind it, and comes down checked by it',
  async (ChecksumAlgorithm) => {
    const Bucket = await newBucket();
    const Body = randomBytes(200_001);
    await aws.s3.send(
      new PutObjectCommand({
        ...{ Bucket, Key: 'stream', ChecksumAlgorithm, ContentLength: Body.length },
        Body: Readable.from([Body.subarray(0, 70_000), Body.subarray(70_000)]),
      }),
    );
    const { Body: back, ...answer } = await aws.s3.send(
      new GetObjectCommand({ Bucket, Key: 'stream', ChecksumMode: 'ENABLED' }),
    );
    expect(answer[`Checksum${ChecksumAlgorithm}`]).toBeDefined();
    expect(answer.ContentEncoding).toBeUndefined();
    // The client holds what it reads against the checksum.
    expect(Buffer.from((await back?.transformToByteArray()) ?? []).equals(Body)).toBe(true);
  },
);

test('Parts become one object, whose ETag is that of the parts', async () => {
  const Bucket = await newBucket();
  const part = 5 * 1024 * 1024;
  const Body = randomBytes(2 * part + 17);
  const upload = new Upload({
    ...{ client: aws.s3, partSize: part, queueSize: 3 },
    params: { Bucket, Key: 'big', Body: Readable.from([Body]), ContentType: 'x/y' },
  });
  const { ETag } = await upload.done();
  const sums = [0, 1, 2].map((i) => md5(Body.subarray(i * part, (i + 1) * part)));
  expect(ETag).toBe(`"${md5(Buffer.from(sums.join(''), 'hex'))}-3"`);
  expect((await bytesAt(Bucket, 'big')).equals(Body)).toBe(true);
  const second = await aws.s3.send(new HeadObjectCommand({ Bucket, Key: 'big', PartNumber: 2 }));
  expect(second).toMatchObject({ ContentLength: part, PartsCount: 3, ContentType: 'x/y' });
  passed('AWS SDK for JavaScript v3', ['S3']);
});

test('A listing has keys in order, prefixes in place of what lies under them, and pages', async () => {
  const Bucket = await newBucket();
  for (const Key of ['a-b', 'a/1', 'a/2/x', 'a.b', 'b', 'a0', 'ä'])
    await aws.s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
  const names: string[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await aws.s3.send(
      new ListObjectsV2Command({ Bucket, Delimiter: '/', MaxKeys: 1, ContinuationToken }),
    );
    names.push(...(page.Contents ?? []).map(({ Key = '' }) => Key));
    names.push(...(page.CommonPrefixes ?? []).map(({ Prefix = '' }) => Prefix));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  expect(names).toEqual(['a-b', 'a.b', 'a/', 'a0', 'b', 'ä']);
  const under = await aws.s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'a/' }));
  expect(under.Contents?.map(({ Key }) => Key)).toEqual(['a/1', 'a/2/x']);
});

test('Many keys are deleted at once, those that are not there too', async () => {
  const Bucket = await newBucket();
  await aws.s3.send(new PutObjectCommand({ Bucket, Key: 'x/<&>"\r\n', Body: '1' }));
  const Objects = ['x/<&>"\r\n', 'never'].map((Key) => ({ Key }));
  const { Deleted, Errors } = await aws.s3.send(
    new DeleteObjectsCommand({ Bucket, Delete: { Objects } }),
  );
  expect(Deleted?.map(({ Key }) => Key)).toEqual(['x/<&>"\r\n', 'never']);
  expect(Errors).toBeUndefined();
  expect((await aws.s3.send(new ListObjectsV2Command({ Bucket }))).KeyCount).toBe(0);
});

test('A presigned address serves until its time has passed', async () => {
  const Bucket = await newBucket();
  const put = await getSignedUrl(aws.s3, new PutObjectCommand({ Bucket, Key: 'k' }));
  expect((await fetch(put, { method: 'PUT', body: 'hello' })).status).toBe(200);
  const get = new GetObjectCommand({ Bucket, Key: 'k' });
  expect(await (await fetch(await getSignedUrl(aws.s3, get))).text()).toBe('hello');
  const signingDate = new Date(Date.now() - 3_600_000);
  const late = await fetch(await getSignedUrl(aws.s3, get, { signingDate, expiresIn: 60 }));
  expect(late.status).toBe(403);
  expect(await late.text()).toContain('<Message>Request has expired</Message>');
});

test('A bucket may stand before the host’s name', async () => {
  const Bucket = await newBucket();
  await aws.s3.send(new PutObjectCommand({ Bucket, Key: 'a/b', Body: 'here' }));
  const { port } = new URL(aws.control.url);
  const { get } = await import('node:http');
  const body = await new Promise<string>((resolve, reject) => {
    get(
      { host: '127.0.0.1', port, path: '/a/b', headers: { host: `${Bucket}.localhost:${port}` } },
      async (response) => resolve(Buffer.concat(await response.toArray()).toString()),
    ).on('error', reject);
  });
  expect(body).toBe('here');
});

test('What is not there says so as S3 does', async () => {
  const Bucket = await newBucket();
  const absent = aws.s3.send(new GetObjectCommand({ Bucket, Key: 'no' }));
  await expect(absent).rejects.toMatchObject({ name: 'NoSuchKey', Key: 'no' });
  const nowhere = aws.s3.send(new GetObjectCommand({ Bucket: 'no-such-bucket', Key: 'k' }));
  await expect(nowhere).rejects.toMatchObject({ name: 'NoSuchBucket' });
});

test('Everybody is an assumed role of the account', async () => {
  const sts = new STSClient({
    ...{ endpoint: aws.control.url, region: REGION },
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const { Account, Arn } = await sts.send(new GetCallerIdentityCommand({}));
  sts.destroy();
  expect(Account).toBe(ACCOUNT);
  expect(Arn).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/LocalSageMakerRole/smlocal`);
  passed('AWS SDK for JavaScript v3', ['STS']);
});
