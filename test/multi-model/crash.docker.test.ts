import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { InvokeEndpointCommand } from '@aws-sdk/client-sagemaker-runtime';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { docker } from '../containers/test-image.js';
import { createConfig, createEndpoint } from '../support/endpoints.js';
import { Killable } from '../support/killable.js';
import { Archives, modelFiles } from './archives.js';
import { labelledImage } from './labelled-image.js';

/* What becomes of loaded models when their daemon, or their container, does not live on. The archives are in S3. */

let daemon: Killable;

beforeAll(async () => {
  daemon = new Killable();
  const archives = await Archives.make();
  for (const word of ['ant', 'bee']) await archives.add(`${word}.tar.gz`, modelFiles(word));
  await cp(archives.path('.'), join(daemon.state.path, 's3', 'zoo', 'small'), { recursive: true });
  await archives.remove();
});
afterAll(() => daemon.dispose());

async function ask(word: string): Promise<{ word: string; pid: number }> {
  const { Body } = await daemon.runtime.send(
    new InvokeEndpointCommand({
      ...{ EndpointName: 'zoo', TargetModel: `${word}.tar.gz`, Body: '{}' },
      ContentType: 'application/json',
    }),
  );
  return JSON.parse(Body?.transformToString() ?? '');
}

test('After a crash of the daemon a loaded model answers on, another is loaded; after one of the container both are', async () => {
  await daemon.start();
  const Image = await labelledImage();
  await createConfig(daemon, 'zoo', {
    ...{ Image, Mode: 'MultiModel', ModelDataUrl: 's3://zoo/small' },
  });
  const described = await createEndpoint(daemon, 'zoo', 'zoo');
  expect(described?.FailureReason).toBe(undefined);
  const before = await ask('ant');
  await daemon.kill();

  await daemon.start();
  expect(await ask('ant')).toEqual(before);
  expect(await ask('bee')).toMatchObject({ word: 'bee' });

  const [container = ''] = await daemon.containers('zoo');
  await docker('kill', container);
  await vi.waitFor(
    async () => {
      const answers = await Promise.all([ask('ant'), ask('bee')]);
      expect(answers.map(({ word }) => word)).toEqual(['ant', 'bee']);
      expect(await daemon.containers('zoo')).not.toContain(container);
    },
    { timeout: 60_000, interval: 100 },
  );
});

test('An object that is not below the prefix is named by bucket and key', async () => {
  await expect(ask('wasp')).rejects.toMatchObject({
    name: 'ValidationError',
    message: expect.stringContaining('model data(bucket: zoo, key: small/wasp.tar.gz).'),
  });
});
