import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateModelCommand,
  DescribeModelCommand,
  ListModelsCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Daemon } from '../../src/daemon/daemon.js';
import { startDaemon } from '../../src/daemon/start-daemon.js';
import { CREDENTIALS, configFor, REGION } from '../support/test-daemon.js';

/*
 * A state folder on a disk of 1 MB of its own, a real file system that is really full.
 */

let disk: string;
let daemon: Daemon;
let sagemaker: SageMakerClient;

beforeEach(async () => {
  disk = mkdtempSync(join(tmpdir(), 'smlocal-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'smlocal-test', disk]);
  await start();
});

afterEach(async () => {
  await daemon.stop({ force: true });
  sagemaker.destroy();
  // Lazily: the log file of this process stays open until it ends.
  execFileSync('umount', ['--lazy', disk]);
  rmSync(disk, { recursive: true });
});

async function start(): Promise<void> {
  daemon = await startDaemon({ config: configFor(), stateDir: join(disk, 'state') });
  sagemaker = new SageMakerClient({
    endpoint: daemon.url,
    region: REGION,
    credentials: CREDENTIALS,
    maxAttempts: 1,
  });
}

const records = () => join(disk, 'state', 'state', 'models');

/** A file that takes all that is left; `leave` bytes short of it, as the file system counts them. */
function fill(): string {
  const file = join(disk, 'ballast');
  for (const size of [4096, 1]) {
    const piece = Buffer.alloc(size);
    try {
      for (;;) writeFileSync(file, piece, { flag: 'a' });
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
    }
  }
  return file;
}

const create = (ModelName: string) =>
  sagemaker.send(
    new CreateModelCommand({
      ModelName,
      // Larger than a page: the first part of it may still fit where the rest does not.
      PrimaryContainer: { Image: 'image:1', Environment: { LONG: 'x'.repeat(1000) } },
      Tags: Array.from({ length: 40 }, (_, index) => ({
        Key: `k${index}`,
        Value: 'y'.repeat(200),
      })),
    }),
  );

test('A full disk refuses what it cannot keep with a 503, keeps the rest, and takes more when there is room', async () => {
  await create('before');
  const ballast = fill();
  await expect(create('during')).rejects.toMatchObject({
    name: 'ServiceUnavailable',
    message: expect.stringContaining('smlocal cannot write to its state folder: ENOSPC'),
    $metadata: { httpStatusCode: 503 },
  });
  expect(readdirSync(records())).toEqual(['before.json']);
  const { Models } = await sagemaker.send(new ListModelsCommand({}));
  expect(Models?.map(({ ModelName }) => ModelName)).toEqual(['before']);

  rmSync(ballast);
  await create('during');
  await daemon.stop({ force: true });
  await start();
  for (const ModelName of ['before', 'during']) {
    const found = await sagemaker.send(new DescribeModelCommand({ ModelName }));
    expect(found.PrimaryContainer?.Environment?.LONG).toHaveLength(1000);
  }
});

test('A disk that has room for half of a record keeps none of it', async () => {
  await create('before');
  const whole = statSync(join(records(), 'before.json')).size;
  const ballast = fill();
  // One page is free again: a write of two takes half and reports no error.
  writeFileSync(ballast, readFileSync(ballast).subarray(4096));
  expect(whole).toBeGreaterThan(4096);
  await expect(create('half')).rejects.toMatchObject({ name: 'ServiceUnavailable' });
  expect(readdirSync(records())).toEqual(['before.json']);
});
