import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { afterAll, beforeAll, beforeEach, vi } from 'vitest';
import type { Daemon } from '../../src/daemon/daemon.js';
import { startDaemon } from '../../src/daemon/start-daemon.js';
import { type Moto, startMoto } from '../support/moto.js';
import { CREDENTIALS, configFor, REGION } from '../support/test-daemon.js';
import { type CountingProxy, startCountingProxy } from './counting-proxy.js';

export const MB = 1 << 20;

/** The user's own keys; those of the tests' clients are others. */
export const OWN = { accessKeyId: 'AKIATHEUSERSOWN', secretAccessKey: 'the-users-own-secret' };

/** A daemon that passes buckets on to moto, with a proxy between the two that counts. */
export interface PassingDaemon {
  readonly moto: Moto;
  readonly proxy: CountingProxy;
  readonly daemon: Daemon;
  readonly stateDir: string;
  /** Clients of the daemon's S3, and of moto's. */
  readonly here: S3Client;
  readonly there: S3Client;
  readonly sagemaker: SageMakerClient;
  readonly runtime: SageMakerRuntimeClient;
}

export function clientOf(endpoint: string, credentials = CREDENTIALS): S3Client {
  return new S3Client({
    ...{ endpoint, region: REGION, forcePathStyle: true, maxAttempts: 1, credentials },
  });
}

/** The content of an object, as a client of the SDK's gets it. */
export async function got(client: S3Client, Bucket: string, Key: string, more = {}) {
  const answer = await client.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
}

export function usePassingDaemon(passthrough: string[], maxCacheBytes = 40 * MB): PassingDaemon {
  const all: { -readonly [K in keyof PassingDaemon]?: PassingDaemon[K] } = {};
  beforeAll(async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', OWN.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', OWN.secretAccessKey);
    vi.stubEnv('AWS_SESSION_TOKEN', undefined);
    vi.stubEnv('AWS_PROFILE', undefined);
    all.moto = await startMoto();
    all.proxy = await startCountingProxy(all.moto.url);
    all.stateDir = mkdtempSync(join(tmpdir(), 'smlocal-passing-'));
    const s3 = { passthrough, endpoint: all.proxy.url, region: REGION, maxCacheBytes };
    const config = { ...configFor('process'), s3 };
    all.daemon = await startDaemon({ config, stateDir: all.stateDir });
    await all.daemon.resume();
    all.here = clientOf(all.daemon.url);
    all.there = clientOf(all.moto.url);
    const settings = { endpoint: all.daemon.url, region: REGION, credentials: CREDENTIALS };
    all.sagemaker = new SageMakerClient({ ...settings, maxAttempts: 1 });
    all.runtime = new SageMakerRuntimeClient({ ...settings, maxAttempts: 1 });
  }, 300_000);
  beforeEach(() => {
    all.proxy?.taken();
    all.proxy?.bytes();
  });
  afterAll(async () => {
    for (const client of [all.here, all.there, all.sagemaker, all.runtime]) client?.destroy();
    await all.daemon?.stop({ force: true });
    await all.proxy?.stop();
    await all.moto?.stop();
    vi.unstubAllEnvs();
    if (all.stateDir !== undefined) rmSync(all.stateDir, { recursive: true });
  });
  return all as PassingDaemon;
}
