import { readFile } from 'node:fs/promises';
import {
  AddTagsCommand,
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DeleteEndpointCommand,
  DeleteEndpointConfigCommand,
  DeleteModelCommand,
  DeleteTagsCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  ListTagsCommand,
  paginateListEndpointConfigs,
  paginateListEndpoints,
  paginateListModels,
  SageMakerClient,
  UpdateEndpointCommand,
  waitUntilEndpointDeleted,
  waitUntilEndpointInService,
} from '@aws-sdk/client-sagemaker';
import {
  InvokeEndpointCommand,
  ModelError,
  SageMakerRuntimeClient,
} from '@aws-sdk/client-sagemaker-runtime';
import type { Sample } from '../support/fixtures.js';
import { type Answer, type Life, namesOf, type Refusal, type Story } from './story.js';

/** Lives it with the AWS SDK for JavaScript, which finds smlocal by AWS_ENDPOINT_URL. */
export async function liveInJavaScript(life: Life): Promise<Story> {
  const client = new SageMakerClient();
  const runtime = new SageMakerRuntimeClient();
  try {
    return await live(life, client, runtime);
  } finally {
    client.destroy();
    runtime.destroy();
  }
}

async function live(
  life: Life,
  client: SageMakerClient,
  runtime: SageMakerRuntimeClient,
): Promise<Story> {
  const names = namesOf(life.name);
  const EndpointName = names.endpoint;
  const waiting = { client, maxWaitTime: 90, minDelay: 1, maxDelay: 1 };
  const createModel = (ModelName: string) =>
    client.send(new CreateModelCommand({ ModelName, PrimaryContainer: life.container }));
  const createConfig = (EndpointConfigName: string, ModelName: string, VariantName: string) =>
    client.send(
      new CreateEndpointConfigCommand({
        EndpointConfigName,
        ProductionVariants: [
          { VariantName, ModelName, InstanceType: 'ml.m5.large', InitialInstanceCount: 1 },
        ],
      }),
    );
  const describe = async () =>
    plain(await client.send(new DescribeEndpointCommand({ EndpointName })));
  const invoke = (sample: Sample) => send(runtime, EndpointName, sample);

  const { ModelArn = '' } = await createModel(names.models[0]);
  const { EndpointConfigArn = '' } = await createConfig(
    names.endpointConfigs[0],
    names.models[0],
    names.variants[0],
  );
  const { EndpointArn = '' } = await client.send(
    new CreateEndpointCommand({
      EndpointName,
      EndpointConfigName: names.endpointConfigs[0],
      Tags: life.tags,
    }),
  );
  const created = await describe();

  const tags = await tag(client, EndpointArn);
  await createModel(names.models[1]);
  await createConfig(names.endpointConfigs[1], names.models[1], names.variants[1]);
  const listed = await list(client, life.name);

  await waitUntilEndpointInService(waiting, { EndpointName });
  const inService = await describe();
  const answer = await invoke(life.good);
  const refusal = await modelError(invoke(life.bad));

  await client.send(
    new UpdateEndpointCommand({ EndpointName, EndpointConfigName: names.endpointConfigs[1] }),
  );
  const updating = await describe();
  await waitUntilEndpointInService(waiting, { EndpointName });
  const updated = await describe();
  const answerAfterUpdate = await invoke(life.good);

  await client.send(new DeleteEndpointCommand({ EndpointName }));
  await waitUntilEndpointDeleted(waiting, { EndpointName });
  for (const EndpointConfigName of names.endpointConfigs)
    await client.send(new DeleteEndpointConfigCommand({ EndpointConfigName }));
  for (const ModelName of names.models) await client.send(new DeleteModelCommand({ ModelName }));

  const [EndpointConfigName] = names.endpointConfigs;
  const [ModelName] = names.models;
  return {
    arns: { model: ModelArn, endpointConfig: EndpointConfigArn, endpoint: EndpointArn },
    created,
    inService,
    updating,
    updated,
    listed,
    tags,
    answer,
    answerAfterUpdate,
    refusal,
    gone: {
      endpoint: await refused(describe()),
      endpointConfig: await refused(
        client.send(new DescribeEndpointConfigCommand({ EndpointConfigName })),
      ),
      model: await refused(client.send(new DescribeModelCommand({ ModelName }))),
    },
  };
}

async function tag(client: SageMakerClient, ResourceArn: string): Promise<Story['tags']> {
  const tags = async () => (await client.send(new ListTagsCommand({ ResourceArn }))).Tags ?? [];
  const created = await tags();
  await client.send(new AddTagsCommand({ ResourceArn, Tags: [{ Key: 'stage', Value: 'two' }] }));
  const added = await tags();
  await client.send(new DeleteTagsCommand({ ResourceArn, TagKeys: ['stage'] }));
  return { created, added, left: await tags() };
}

async function list(client: SageMakerClient, NameContains: string): Promise<Story['listed']> {
  const paging = { client, pageSize: 1 };
  const models: string[] = [];
  for await (const { Models = [] } of paginateListModels(paging, { NameContains }))
    models.push(...Models.map(({ ModelName = '' }) => ModelName));
  const endpointConfigs: string[] = [];
  for await (const { EndpointConfigs = [] } of paginateListEndpointConfigs(paging, {
    NameContains,
  }))
    endpointConfigs.push(...EndpointConfigs.map((config) => config.EndpointConfigName ?? ''));
  const endpoints: string[] = [];
  for await (const { Endpoints = [] } of paginateListEndpoints(paging, { NameContains }))
    endpoints.push(...Endpoints.map(({ EndpointName = '' }) => EndpointName));
  return { models, endpointConfigs, endpoints };
}

async function send(
  runtime: SageMakerRuntimeClient,
  EndpointName: string,
  { file, contentType }: Sample,
): Promise<Answer> {
  const answer = await runtime.send(
    new InvokeEndpointCommand({
      EndpointName,
      Body: await readFile(file),
      ContentType: contentType,
      Accept: 'application/json',
      CustomAttributes: 'trace=1',
    }),
  );
  return {
    body: answer.Body?.transformToString() ?? '',
    contentType: answer.ContentType,
    variant: answer.InvokedProductionVariant,
  };
}

async function modelError(call: Promise<unknown>): Promise<Story['refusal']> {
  const error = await call.catch((thrown: unknown) => thrown);
  if (!(error instanceof ModelError)) throw new Error(`Not a ModelError: ${error}`);
  return {
    code: error.name,
    message: error.message,
    originalStatusCode: error.OriginalStatusCode,
    originalMessage: error.OriginalMessage,
    logStreamArn: error.LogStreamArn,
  };
}

async function refused(call: Promise<unknown>): Promise<Refusal> {
  const error = await call.catch((thrown: unknown) => thrown);
  if (!(error instanceof Error)) throw new Error('It was not refused.');
  return { code: error.name, message: error.message };
}

function plain(output: object): Story['created'] {
  const { $metadata: _, ...members } = JSON.parse(JSON.stringify(output));
  return members;
}
