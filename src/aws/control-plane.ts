import { aws } from './call.js';
import { sageMakerClient } from './clients.js';
import type { AwsSettings } from './settings.js';

/** SageMaker's control plane over its SDK: operations by name, as the daemon's own is asked. */
export interface SageMaker {
  /** @throws ServiceError */
  readonly control: (operation: string, input: object) => Promise<object | undefined>;
  dispose(): void;
}

type Sdk = Readonly<Record<string, new (input: object) => never>>;

/** The SDK costs 40 MB and 100 ms, so it is loaded by what deploys and by nothing else. */
export async function sageMaker(settings: AwsSettings, signal: AbortSignal): Promise<SageMaker> {
  const sdk = await import('@aws-sdk/client-sagemaker');
  const client = await sageMakerClient(settings);
  return {
    control: (operation, input) =>
      aws(`sagemaker:${operation}`, () => {
        const Command = (sdk as unknown as Sdk)[`${operation}Command`];
        if (Command === undefined) throw new Error(`SageMaker has no operation ${operation}.`);
        return client.send(new Command(input), { abortSignal: signal }) as Promise<object>;
      }),
    dispose: () => client.destroy(),
  };
}
