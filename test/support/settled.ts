import {
  DescribeEndpointCommand,
  type DescribeEndpointCommandOutput,
  type SageMakerClient,
  SageMakerServiceException,
} from '@aws-sdk/client-sagemaker';
import { vi } from 'vitest';

/**
 * Waits until an endpoint is being worked on no more; the SDK's waiters are for what is about to succeed, and ask once a
 * second at most.
 *
 * @returns its description, or undefined where there is no such endpoint (any more)
 */
export function settled(
  client: SageMakerClient,
  EndpointName: string,
  timeout = 60_000,
): Promise<DescribeEndpointCommandOutput | undefined> {
  return vi.waitFor(
    async () => {
      const endpoint = await find(client, EndpointName);
      const status = endpoint?.EndpointStatus ?? 'Deleted';
      if (['InService', 'Failed', 'Deleted'].includes(status)) return endpoint;
      throw new Error(`${EndpointName} is still ${status}.`);
    },
    { timeout, interval: 25 },
  );
}

async function find(client: SageMakerClient, EndpointName: string) {
  try {
    return await client.send(new DescribeEndpointCommand({ EndpointName }));
  } catch (error) {
    const gone =
      error instanceof SageMakerServiceException && error.message.startsWith('Could not find');
    if (gone) return undefined;
    throw error;
  }
}
