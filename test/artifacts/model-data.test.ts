import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pathOf } from '../../src/artifacts/locate.js';
import { type ModelData, modelDataOf } from '../../src/artifacts/model-data.js';
import { SmlocalError } from '../../src/errors.js';
import { artifactsForTest, targz } from './archive.js';

describe('the data of a container definition', () => {
  it('is an archive where ModelDataUrl names it', () => {
    expect(modelDataOf({ ModelDataUrl: 's3://b/m.tar.gz' })).toEqual({
      uri: 's3://b/m.tar.gz',
      compression: 'Gzip',
    });
  });

  it('is what ModelDataSource says it is', () => {
    const source = { S3Uri: 's3://b/m/', S3DataType: 'S3Prefix', CompressionType: 'None' };
    expect(modelDataOf({ ModelDataSource: { S3DataSource: source } })).toEqual({
      uri: 's3://b/m/',
      compression: 'None',
    });
  });

  it('is nothing where neither is there', () => {
    expect(modelDataOf({})).toBeUndefined();
    expect(modelDataOf({ ModelDataSource: {} })).toBeUndefined();
  });
});

describe('the place of a URI', () => {
  it.each([
    ['s3://bucket/a/model.tar.gz', '/state/s3/bucket/a/model.tar.gz'],
    ['s3://bucket/a/', '/state/s3/bucket/a'],
    ['s3://bucket', '/state/s3/bucket'],
    ['s3://my.bucket-1/with space/ü%20', '/state/s3/my.bucket-1/with space/ü%20'],
    ['s3://bucket/..a/b..', '/state/s3/bucket/..a/b..'],
    ['file:///home/me/model.tar.gz', '/home/me/model.tar.gz'],
    ['file:///home/me/a%20b #1?', '/home/me/a b #1?'],
    ['file://localhost/abs/', '/abs'],
  ])('of %s is %s', (uri, path) => {
    expect(pathOf(uri, '/state')).toBe(path);
  });

  it.each([
    'https://bucket.s3.amazonaws.com/model.tar.gz',
    '/just/a/path',
    's3://',
    's3:///key',
    's3://../key',
    's3://bucket/../other/key',
    's3://bucket/a/../../key',
    's3://bucket/./key',
    's3://bucket//key',
    's3://bucket/a//b',
    's3://bucket/a\0b',
    'file://relative/path',
    'file:///a%00b',
    'file:///100%',
  ])('is refused with a hint for %j', (uri) => {
    const error = (() => {
      try {
        return pathOf(uri, '/state');
      } catch (reason) {
        return reason;
      }
    })();
    expect(error).toBeInstanceOf(SmlocalError);
    expect((error as SmlocalError).hint).toBeTruthy();
  });
});

describe('model data that is there', () => {
  const gzip = (uri: string): ModelData => ({ uri, compression: 'Gzip' });
  const none = (uri: string): ModelData => ({ uri, compression: 'None' });

  async function withBucket() {
    const parts = await artifactsForTest();
    const bucket = join(parts.stateDir, 's3', 'bucket');
    await mkdir(join(bucket, 'prefix', 'code'), { recursive: true });
    await mkdir(join(bucket, 'nothing'));
    await writeFile(join(bucket, 'model.tar.gz'), targz({ name: 'a', content: 'a' }));
    await writeFile(join(bucket, 'prefix', 'model.pth'), 'weights');
    return { ...parts, bucket };
  }

  it('is an object for an archive, and what has a key under it for a prefix', async () => {
    const { artifacts, root } = await withBucket();
    expect(await artifacts.exists(gzip('s3://bucket/model.tar.gz'))).toBe(true);
    expect(await artifacts.exists(none('s3://bucket/prefix/'))).toBe(true);
    expect(await artifacts.exists(none('s3://bucket/prefix/model.pth'))).toBe(true);
    expect(await artifacts.exists(gzip(`file://${root}`))).toBe(true);
    expect(await artifacts.exists(gzip('s3://bucket/prefix/'))).toBe(false);
    expect(await artifacts.exists(gzip('s3://bucket/model.tar.gz/'))).toBe(false);
    expect(await artifacts.exists(none('s3://bucket/nothing/'))).toBe(false);
    expect(await artifacts.exists(gzip('s3://bucket/other.tar.gz'))).toBe(false);
    expect(await artifacts.exists(gzip('s3://other/model.tar.gz'))).toBe(false);
    expect(await artifacts.exists(gzip('https://example.com/model.tar.gz'))).toBe(false);
  });

  it('is unpacked where it is an archive in S3', async () => {
    const { artifacts } = await withBucket();
    const directory = await artifacts.directoryFor(gzip('s3://bucket/model.tar.gz'));
    expect(await readdir(directory)).toEqual(['a']);
  });

  it('is the folder itself for a prefix, and for a folder of the user', async () => {
    const { artifacts, bucket, root } = await withBucket();
    expect(await artifacts.directoryFor(none('s3://bucket/prefix/'))).toBe(join(bucket, 'prefix'));
    expect(await artifacts.directoryFor(gzip(`file://${root}`))).toBe(root);
    expect(await artifacts.directoryFor(none(`file://${root}/`))).toBe(root);
  });

  it('is a folder with just the object where one is named uncompressed', async () => {
    const { artifacts } = await withBucket();
    const data = none('s3://bucket/prefix/model.pth');
    const directory = await artifacts.directoryFor(data);
    expect(await readdir(directory)).toEqual(['model.pth']);
    expect(await readFile(join(directory, 'model.pth'), 'utf8')).toBe('weights');
    expect(await artifacts.directoryFor(data)).toBe(directory);
  });

  it('is read through a symbolic link of the user', async () => {
    const { artifacts, put, root } = await artifactsForTest();
    await put(targz({ name: 'a', content: 'a' }));
    await symlink('model.tar.gz', join(root, 'latest.tar.gz'));
    const directory = await artifacts.directoryFor(gzip(`file://${root}/latest.tar.gz`));
    expect(await readdir(directory)).toEqual(['a']);
  });

  it.each([
    ['s3://bucket/other.tar.gz', 'does not exist', 'aws s3 cp'],
    ['s3://bucket/prefix/', 'not one object', 'aws s3 cp'],
    ['file:///no/such/model.tar.gz', 'does not exist', 'Check the path'],
  ])('is missed with a hint at %s', async (uri, reason, hint) => {
    const { artifacts } = await withBucket();
    const error = await artifacts.directoryFor(gzip(uri)).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(SmlocalError);
    expect((error as SmlocalError).message).toContain(reason);
    expect((error as SmlocalError).hint).toContain(hint);
  });
});
