import { expect, test } from 'vitest';
import { multiModelServerImage } from '../python/mms-image.js';
import { builtImage } from '../support/built-image.js';
import { createConfig, createEndpoint } from '../support/endpoints.js';
import { Archives, modelFiles } from './archives.js';
import { testMultiModel } from './multi-model.js';

/* Several models in one container of multi-model-server with SageMaker's toolkit. */

const daemon = testMultiModel('docker', async () =>
  builtImage(
    'smlocal-test/multi-model',
    `FROM ${await multiModelServerImage()}\nLABEL com.amazonaws.sagemaker.capabilities.multi-models=true\n`,
  ),
);

test('An image that does not say that it can have several models is refused in AWS’s words', async () => {
  const archives = await Archives.make();
  await archives.add('one.tar.gz', modelFiles('one'));
  const Image = await multiModelServerImage();
  await createConfig(daemon, 'unlabelled', {
    ...{ Image, Mode: 'MultiModel', ModelDataUrl: archives.url },
  });
  const described = await createEndpoint(daemon, 'unlabelled', 'unlabelled');
  expect(described?.EndpointStatus).toBe('Failed');
  expect(described?.FailureReason).toMatch(
    /^Your Ecr Image smlocal-test\/multi-model-server.* does not contain required com\.amazonaws\.sagemaker\.capabilities\.multi-models=true Docker label\(s\)\./,
  );
  await archives.remove();
});
