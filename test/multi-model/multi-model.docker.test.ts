import { InvokeEndpointCommand } from '@aws-sdk/client-sagemaker-runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { multiModelServerImage } from '../python/mms-image.js';
import { createConfig, createEndpoint } from '../support/endpoints.js';
import { PYTORCH } from '../support/fixtures.js';
import { Archives, packedFiles } from './archives.js';
import { labelledImage } from './labelled-image.js';
import { testMultiModel } from './multi-model.js';

/* Several models in one container of multi-model-server with SageMaker's toolkit. */

const daemon = testMultiModel('docker', labelledImage);

let packed: Archives;
beforeAll(async () => {
  packed = await Archives.make();
  for (const word of ['cat', 'dog']) await packed.add(`${word}.tar.gz`, packedFiles(word));
});
afterAll(() => packed.remove());

test('SageMaker’s PyTorch image serves several models, each with the handler in its code folder', async () => {
  await createConfig(daemon, 'torch', {
    ...{ Image: PYTORCH.image, Mode: 'MultiModel', ModelDataUrl: packed.url },
    // Its toolkit 2.0.25 joins two lines of its settings, by which TorchServe has the API off.
    Environment: { TS_ENABLE_MODEL_API: 'true' },
  });
  const described = await createEndpoint(daemon, 'torch', 'torch');
  expect(described?.FailureReason).toBe(undefined);
  for (const word of ['cat', 'dog', 'cat']) {
    const { Body } = await daemon.runtime.send(
      new InvokeEndpointCommand({
        ...{ EndpointName: 'torch', TargetModel: `${word}.tar.gz`, Body: '{}' },
        ContentType: 'application/json',
      }),
    );
    expect(Body?.transformToString()).toContain(`"of ${word}"`);
  }
});

test('An image that does not say that it can have several models is refused in AWS’s words', async () => {
  const Image = await multiModelServerImage();
  await createConfig(daemon, 'unlabelled', {
    ...{ Image, Mode: 'MultiModel', ModelDataUrl: packed.url },
  });
  const described = await createEndpoint(daemon, 'unlabelled', 'unlabelled');
  expect(described?.EndpointStatus).toBe('Failed');
  expect(described?.FailureReason).toMatch(
    /^Your Ecr Image smlocal-test\/multi-model-server.* does not contain required com\.amazonaws\.sagemaker\.capabilities\.multi-models=true Docker label\(s\)\./,
  );
});
