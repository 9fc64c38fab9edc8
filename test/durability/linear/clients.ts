import {
  AddTagsCommand,
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DeleteEndpointCommand,
  DeleteEndpointConfigCommand,
  DeleteModelCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  ListModelsCommand,
  ListTagsCommand,
  type SageMakerClient,
  UpdateEndpointCommand,
} from '@aws-sdk/client-sagemaker';
import { ARN } from '../../support/control-daemon.js';
import type { Answer, Request } from './family.js';

/** What tells a refusal's reason, in the service's own words. */
const REFUSALS: readonly [RegExp, Exclude<Answer['is'], 'ok'>][] = [
  [/^Could not find /, 'missing'],
  [/^Cannot create already existing /, 'exists'],
  [/^Cannot update in-progress endpoint /, 'busy'],
];

/** Asks a daemon, and puts its answer into the words of the serial model. @throws what is no answer to this */
export async function answerTo(
  sagemaker: SageMakerClient,
  family: string,
  command: string,
  request: Request,
): Promise<Answer> {
  try {
    return { is: 'ok', value: await send(sagemaker, family, command, request) };
  } catch (error) {
    const { message } = error as Error;
    const [, is] = REFUSALS.find(([text]) => text.test(message)) ?? [];
    if (is === undefined) throw error;
    return { is };
  }
}

/** @param command what a container of the model runs */
async function send(
  client: SageMakerClient,
  name: string,
  command: string,
  request: Request,
): Promise<string | undefined> {
  const ResourceArn = `${ARN}:model/${name}`;
  switch (request.op) {
    case 'CreateModel': {
      const Environment = { VALUE: request.value, SMLOCAL_COMMAND: command };
      const PrimaryContainer = { Image: 'any', Environment };
      await client.send(new CreateModelCommand({ ModelName: name, PrimaryContainer }));
      return undefined;
    }
    case 'DescribeModel': {
      const model = await client.send(new DescribeModelCommand({ ModelName: name }));
      return model.PrimaryContainer?.Environment?.VALUE;
    }
    case 'DeleteModel':
      await client.send(new DeleteModelCommand({ ModelName: name }));
      return undefined;
    case 'ListModels': {
      const { Models } = await client.send(new ListModelsCommand({ NameContains: name }));
      return Models?.length === 1 ? 'one' : 'none';
    }
    case 'AddTags': {
      const Tags = [{ Key: 'tag', Value: request.value }];
      await client.send(new AddTagsCommand({ ResourceArn, Tags }));
      return undefined;
    }
    case 'ListTags': {
      const { Tags } = await client.send(new ListTagsCommand({ ResourceArn }));
      return Tags?.[0]?.Value;
    }
    default:
      return sendOfEndpoint(client, name, request);
  }
}

async function sendOfEndpoint(
  client: SageMakerClient,
  name: string,
  request: Request,
): Promise<string | undefined> {
  const EndpointConfigName = name;
  const EndpointName = name;
  switch (request.op) {
    case 'CreateEndpointConfig': {
      const variant = {
        VariantName: 'v',
        ModelName: name,
        InstanceType: 'ml.m5.large' as const,
        InitialInstanceCount: 1,
        // What there is to tell one config's endpoint from another's.
        InitialVariantWeight: Number(request.value),
      };
      const ProductionVariants = [variant];
      await client.send(
        new CreateEndpointConfigCommand({ EndpointConfigName, ProductionVariants }),
      );
      return undefined;
    }
    case 'DescribeEndpointConfig': {
      const command = new DescribeEndpointConfigCommand({ EndpointConfigName });
      const config = await client.send(command);
      return String(config.ProductionVariants?.[0]?.InitialVariantWeight);
    }
    case 'DeleteEndpointConfig':
      await client.send(new DeleteEndpointConfigCommand({ EndpointConfigName }));
      return undefined;
    case 'CreateEndpoint':
      await client.send(new CreateEndpointCommand({ EndpointName, EndpointConfigName }));
      return undefined;
    case 'UpdateEndpoint':
      await client.send(new UpdateEndpointCommand({ EndpointName, EndpointConfigName }));
      return undefined;
    case 'DeleteEndpoint':
      await client.send(new DeleteEndpointCommand({ EndpointName }));
      return undefined;
    default: {
      const endpoint = await client.send(new DescribeEndpointCommand({ EndpointName }));
      const weight = endpoint.ProductionVariants?.[0]?.CurrentWeight;
      return [endpoint.EndpointStatus, weight ?? 'nothing', endpoint.FailureReason]
        .filter((part) => part !== undefined)
        .join(' ');
    }
  }
}
