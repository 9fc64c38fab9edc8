import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import {
  type ContainerDefinition,
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DeleteEndpointCommand,
  type ProductionVariant,
  type SageMakerClient,
  UpdateEndpointCommand,
} from '@aws-sdk/client-sagemaker';
import {
  InvokeEndpointCommand,
  type SageMakerRuntimeClient,
} from '@aws-sdk/client-sagemaker-runtime';
import type { Fixture, Sample } from './fixtures.js';
import { settled } from './settled.js';

/** Whatever is asked through an SageMaker client. */
type Controlled = { readonly sagemaker: SageMakerClient };

/** A fixture's image with its model, as a user would name them. */
export function containerOf(fixture: Fixture): ContainerDefinition {
  return {
    Image: fixture.image,
    ModelDataUrl: pathToFileURL(fixture.archive).href,
    Environment: { ...fixture.environment },
  };
}

/** Makes a model and an endpoint config of one name, with one variant. */
export async function createConfig(
  { sagemaker }: Controlled,
  name: string,
  container: ContainerDefinition,
  variant: Partial<ProductionVariant> = {},
): Promise<void> {
  await sagemaker.send(new CreateModelCommand({ ModelName: name, PrimaryContainer: container }));
  await sagemaker.send(
    new CreateEndpointConfigCommand({
      EndpointConfigName: name,
      ProductionVariants: [
        {
          VariantName: 'AllTraffic',
          ModelName: name,
          InstanceType: 'ml.m5.large',
          InitialInstanceCount: 1,
          ...variant,
        },
      ],
    }),
  );
}

/** Asks for an endpoint; returns its description when it has settled. */
export async function createEndpoint(
  { sagemaker }: Controlled,
  EndpointName: string,
  EndpointConfigName: string,
) {
  await sagemaker.send(new CreateEndpointCommand({ EndpointName, EndpointConfigName }));
  return settled(sagemaker, EndpointName);
}

/** As {@link createEndpoint}, for UpdateEndpoint. */
export async function updateEndpoint(
  { sagemaker }: Controlled,
  EndpointName: string,
  EndpointConfigName: string,
) {
  await sagemaker.send(new UpdateEndpointCommand({ EndpointName, EndpointConfigName }));
  return settled(sagemaker, EndpointName);
}

/** Deletes an endpoint and waits until it is gone. */
export async function deleteEndpoint({ sagemaker }: Controlled, EndpointName: string) {
  await sagemaker.send(new DeleteEndpointCommand({ EndpointName }));
  return settled(sagemaker, EndpointName);
}

/** One InvokeEndpoint. */
export async function invoke(
  runtime: SageMakerRuntimeClient,
  EndpointName: string,
  { file, contentType }: Sample,
): Promise<{ body: string; variant: string | undefined }> {
  const answer = await runtime.send(
    new InvokeEndpointCommand({
      EndpointName,
      Body: await readFile(file),
      ContentType: contentType,
      Accept: 'application/json',
    }),
  );
  return {
    body: answer.Body?.transformToString() ?? '',
    variant: answer.InvokedProductionVariant,
  };
}
