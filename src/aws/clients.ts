import type { SageMakerClient } from '@aws-sdk/client-sagemaker';
import type * as Runtime from '@aws-sdk/client-sagemaker-runtime';
import { guard } from './endpoint-guard.js';
import type { AwsSettings } from './settings.js';

export type { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';

/** The AWS SDK's own client of SageMaker, for an account of AWS or for smlocal. The SDK is loaded with the first. */
export async function sageMakerClient(settings: AwsSettings): Promise<SageMakerClient> {
  const { SageMakerClient } = await import('@aws-sdk/client-sagemaker');
  const client = new SageMakerClient(settings);
  guard(client, settings);
  return client;
}

/** The same of SageMaker Runtime, with its module: whoever has the client needs its commands and its exceptions. */
export async function sageMakerRuntime(
  settings: AwsSettings &
    Pick<Runtime.SageMakerRuntimeClientConfig, 'maxAttempts' | 'requestHandler'>,
): Promise<{ sdk: typeof Runtime; client: Runtime.SageMakerRuntimeClient }> {
  const sdk = await import('@aws-sdk/client-sagemaker-runtime');
  const client = new sdk.SageMakerRuntimeClient(settings);
  guard(client, settings);
  return { sdk, client };
}
