import { multiModelServerImage } from '../python/mms-image.js';
import { builtImage } from '../support/built-image.js';

/** multi-model-server's image with the label by which SageMaker takes it for several models. @returns its name */
export async function labelledImage(): Promise<string> {
  const base = await multiModelServerImage();
  const label = 'com.amazonaws.sagemaker.capabilities.multi-models=true';
  return builtImage('smlocal-test/multi-model', `FROM ${base}\nLABEL ${label}\n`);
}
