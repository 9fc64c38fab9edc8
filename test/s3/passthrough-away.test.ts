import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Config } from '../../src/config/config.js';
import { parseConfig } from '../../src/config/parse.js';
import type { Daemon } from '../../src/daemon/daemon.js';
import { startDaemon } from '../../src/daemon/start-daemon.js';
import { configFor, REGION } from '../support/test-daemon.js';
import { startCountingProxy } from './counting-proxy.js';
import { clientOf, got, MB, OWN, usePassingDaemon } from './passing-daemon.js';

const BUCKET = 'remote';

const world = usePassingDaemon(['*']);

beforeAll(async () => {
  await world.there.send(new CreateBucketCommand({ Bucket: BUCKET }));
});

let folder: string;
const others: Daemon[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'smlocal-other-'));
});
afterEach(async () => {
  for (const daemon of others.splice(0)) await daemon.stop({ force: true });
  vi.stubEnv('AWS_ACCESS_KEY_ID', OWN.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', OWN.secretAccessKey);
  rmSync(folder, { recursive: true });
});

async function start(name: string, more: Partial<Config>): Promise<Daemon> {
  const config = { ...configFor('process'), ...more };
  const daemon = await startDaemon({ config, stateDir: join(folder, name) });
  others.push(daemon);
  return daemon;
}

const passingTo = (endpoint: string): Partial<Config> => ({
  s3: { passthrough: [BUCKET], endpoint, region: REGION, maxCacheBytes: MB },
});

test('While the other S3 is away what was read is given, marked, and all else is refused in words', async () => {
  const { here, there, proxy, stateDir } = world;
  const at = { Bucket: BUCKET, Key: 'kept' };
  await there.send(new PutObjectCommand({ ...at, Body: 'as it was', ContentType: 'x/y' }));
  await got(here, BUCKET, 'kept');
  proxy.leave();
  try {
    const answer = await fetch(`${world.daemon.url}/${BUCKET}/kept`);
    expect(await answer.text()).toBe('as it was');
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'x-smlocal-cache': 'stale',
      'content-type': 'x/y',
    });
    expect(await here.send(new HeadObjectCommand(at))).toMatchObject({ ContentLength: 9 });
    expect((await got(here, BUCKET, 'kept', { Range: 'bytes=-3' })).toString()).toBe('was');
    const refused = {
      name: 'ServiceUnavailable',
      message: expect.stringMatching(
        /^127\.0\.0\.1:\d+ could not be reached for s3:\/\/remote: .+ Check the network, and what "s3:" of config\.yml says\.$/,
      ),
    };
    const list = here.send(new ListObjectsV2Command({ Bucket: BUCKET }));
    await expect(list).rejects.toMatchObject(refused);
    await expect(got(here, BUCKET, 'other')).rejects.toMatchObject(refused);
    const put = here.send(new PutObjectCommand({ ...at, Body: Buffer.alloc(3 * MB) }));
    await expect(put).rejects.toMatchObject(refused);
  } finally {
    proxy.comeBack();
  }
  expect((await got(here, BUCKET, 'kept')).toString()).toBe('as it was');
  const log = readFileSync(join(stateDir, 'daemon.log'), 'utf8');
  expect(log).toContain('a cached copy is given');
  expect(log).not.toContain(OWN.secretAccessKey);
});

test('An S3 that verifies signatures takes those that are made with the user’s keys, and its refusals of others come back', async () => {
  const remote = await start('remote', {
    verifySignatures: true,
    accessKeys: { [OWN.accessKeyId]: OWN.secretAccessKey },
  });
  const direct = clientOf(remote.url, OWN);
  const through = clientOf((await start('near', passingTo(remote.url))).url);
  try {
    await through.send(new CreateBucketCommand({ Bucket: BUCKET }));
    for (const Key of ['plain', "a b/ü+(1)!*'.bin", 'dots/../x', 'double//slash', '100%']) {
      const Metadata = { spaced: 'two  words' };
      await through.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: Key, Metadata }));
      expect((await got(direct, BUCKET, Key)).toString()).toBe(Key);
      expect((await got(through, BUCKET, Key)).toString()).toBe(Key);
    }
    const listed = await through.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'a b/' }));
    expect(listed.KeyCount).toBe(1);
    for (const [id, secret, code] of [
      [OWN.accessKeyId, 'another-secret', 'SignatureDoesNotMatch'],
      ['AKIANOBODYSOWN', OWN.secretAccessKey, 'InvalidAccessKeyId'],
    ] as const) {
      vi.stubEnv('AWS_ACCESS_KEY_ID', id);
      vi.stubEnv('AWS_SECRET_ACCESS_KEY', secret);
      const wrong = clientOf((await start(code, passingTo(remote.url))).url);
      await expect(got(wrong, BUCKET, 'plain')).rejects.toMatchObject({ name: code });
      const put = new PutObjectCommand({ Bucket: BUCKET, Key: 'big', Body: Buffer.alloc(3 * MB) });
      await expect(wrong.send(put)).rejects.toMatchObject({ name: code });
      wrong.destroy();
    }
  } finally {
    direct.destroy();
    through.destroy();
  }
});

test('A download that breaks off ends its reader’s too, and is not kept', async () => {
  let breakOff = () => {};
  const broken = createServer((_request, response) => {
    response.writeHead(200, { etag: '"e"', 'content-length': '1000' });
    response.write('the first of it');
    breakOff = () => response.destroy();
  });
  broken.listen(0, '127.0.0.1');
  await once(broken, 'listening');
  const { port } = broken.address() as AddressInfo;
  const near = await start('near', passingTo(`http://127.0.0.1:${port}`));
  const answer = await fetch(`${near.url}/${BUCKET}/k`);
  expect(answer.status).toBe(200);
  breakOff();
  await expect(answer.text()).rejects.toThrow();
  const copies = join(folder, 'near', 's3-remote');
  await vi.waitFor(() => expect(readdirSync(join(copies, 'partial'))).toEqual([]));
  expect(readdirSync(copies)).toEqual(['partial']);
  expect(readFileSync(join(folder, 'near', 'daemon.log'), 'utf8')).not.toContain('by a bug');
  broken.close();
});

test('An endpoint that leads back to smlocal itself goes in no circle', async () => {
  const to: { daemon?: Daemon } = {};
  const proxy = await startCountingProxy(() => to.daemon?.url ?? '');
  const circle = await start('circle', passingTo(proxy.url));
  to.daemon = circle;
  const client = clientOf(circle.url);
  await expect(got(client, BUCKET, 'k')).rejects.toMatchObject({
    name: 'InvalidRequest',
    message: 'The endpoint of "s3:" in config.yml leads back here.',
  });
  client.destroy();
  await proxy.stop();
});

test('An address of this machine that comes from the environment is not taken for AWS', async () => {
  vi.stubEnv('AWS_ENDPOINT_URL', world.daemon.url);
  const daemon = await start('near', { s3: { passthrough: [BUCKET], maxCacheBytes: MB } });
  const client = clientOf(daemon.url);
  await expect(got(client, BUCKET, 'k')).rejects.toThrow(
    'AWS_ENDPOINT_URL, or a profile, leads from smlocal to 127.0.0.1.',
  );
  client.destroy();
  vi.stubEnv('AWS_ENDPOINT_URL', undefined);
});

test.each([
  [
    's3: passthru',
    'config.yml:1:5: s3: must be the word passthrough, or settings with the key passthrough',
  ],
  [
    's3:\n  passthrough: [a-b]\n  endpont: x',
    'config.yml:3:3: unknown key "endpont" of s3; did you mean "endpoint"?',
  ],
  ['s3: { passthrough: [A_B] }', 'config.yml:1:21: s3.passthrough.0: must be the name of a bucket'],
  [
    's3: { passthrough: a-b, endpoint: "ftp://x" }',
    'config.yml:1:35: s3.endpoint: must be an address',
  ],
])('A wrong s3 in config.yml is told with its place: %j', (text, message) => {
  expect(() => parseConfig(text, 'config.yml')).toThrow(message);
});
