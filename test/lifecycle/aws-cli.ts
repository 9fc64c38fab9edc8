import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sample } from '../support/fixtures.js';
import { run } from '../support/run.js';
import { type Answer, type Life, type ModelRefusal, namesOf, type Story } from './story.js';

export interface CliOptions {
  /** The folder with the `aws` command. */
  readonly clients: string;
  readonly env: Record<string, string>;
  /**
   * Resolves when the endpoint has settled. The command line's waiters look at once and then every 30 s, which cannot be
   * set; so they are called when their first look tells.
   */
  readonly settled: (endpointName: string) => Promise<void>;
}

/** Lives it by typing `aws …`, with AWS_ENDPOINT_URL set. */
export async function liveAtTheCommandLine(life: Life, options: CliOptions): Promise<Story> {
  const folder = await mkdtemp(join(tmpdir(), 'smlocal-aws-cli-'));
  try {
    return await live(life, options, new Aws(options, folder));
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function live(life: Life, { settled }: CliOptions, aws: Aws): Promise<Story> {
  const names = namesOf(life.name);
  const named = ['--endpoint-name', names.endpoint];
  const createModel = (name: string) =>
    aws.sagemaker(
      'create-model',
      '--model-name',
      name,
      '--primary-container',
      JSON.stringify(life.container),
    );
  const createConfig = (name: string, model: string, variant: string) =>
    aws.sagemaker(
      'create-endpoint-config',
      '--endpoint-config-name',
      name,
      '--production-variants',
      `VariantName=${variant},ModelName=${model},InstanceType=ml.m5.large,InitialInstanceCount=1`,
    );
  const describe = () => aws.sagemaker('describe-endpoint', ...named);

  const { ModelArn } = await createModel(names.models[0]);
  const { EndpointConfigArn } = await createConfig(
    names.endpointConfigs[0],
    names.models[0],
    names.variants[0],
  );
  const tagWords = life.tags.map(({ Key, Value }) => `Key=${Key},Value=${Value}`);
  const { EndpointArn } = await aws.sagemaker(
    'create-endpoint',
    ...named,
    '--endpoint-config-name',
    names.endpointConfigs[0],
    '--tags',
    ...tagWords,
  );
  const created = await describe();

  const tags = await tag(aws, EndpointArn);
  await createModel(names.models[1]);
  await createConfig(names.endpointConfigs[1], names.models[1], names.variants[1]);
  const contains = ['--page-size', '1', '--name-contains', life.name];
  const listed = {
    models: await aws.sagemaker('list-models', ...contains, '--query', 'Models[].ModelName'),
    endpointConfigs: await aws.sagemaker(
      'list-endpoint-configs',
      ...contains,
      '--query',
      'EndpointConfigs[].EndpointConfigName',
    ),
    endpoints: await aws.sagemaker(
      'list-endpoints',
      ...contains,
      '--query',
      'Endpoints[].EndpointName',
    ),
  };

  await settled(names.endpoint);
  await aws.sagemaker('wait', 'endpoint-in-service', ...named);
  const inService = await describe();
  const answer = await aws.invoke(names.endpoint, life.good);
  const refusal = await aws.refusedInvoke(names.endpoint, life.bad);

  await aws.sagemaker(
    'update-endpoint',
    ...named,
    '--endpoint-config-name',
    names.endpointConfigs[1],
  );
  const updating = await describe();
  await settled(names.endpoint);
  await aws.sagemaker('wait', 'endpoint-in-service', ...named);
  const updated = await describe();
  const answerAfterUpdate = await aws.invoke(names.endpoint, life.good);

  await aws.sagemaker('delete-endpoint', ...named);
  await settled(names.endpoint);
  await aws.sagemaker('wait', 'endpoint-deleted', ...named);
  for (const name of names.endpointConfigs)
    await aws.sagemaker('delete-endpoint-config', '--endpoint-config-name', name);
  for (const name of names.models) await aws.sagemaker('delete-model', '--model-name', name);

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
      endpoint: await aws.refused('sagemaker', 'describe-endpoint', ...named),
      endpointConfig: await aws.refused(
        'sagemaker',
        'describe-endpoint-config',
        '--endpoint-config-name',
        names.endpointConfigs[0],
      ),
      model: await aws.refused('sagemaker', 'describe-model', '--model-name', names.models[0]),
    },
  };
}

async function tag(aws: Aws, arn: string): Promise<Story['tags']> {
  const on = ['--resource-arn', arn];
  const tags = () => aws.sagemaker('list-tags', ...on, '--query', 'Tags');
  const created = await tags();
  await aws.sagemaker('add-tags', ...on, '--tags', 'Key=stage,Value=two');
  const added = await tags();
  await aws.sagemaker('delete-tags', ...on, '--tag-keys', 'stage');
  return { created, added, left: await tags() };
}

/** The aws command. */
class Aws {
  readonly #options: CliOptions;
  readonly #output: string;

  constructor(options: CliOptions, folder: string) {
    this.#options = options;
    this.#output = join(folder, 'answer');
  }

  /** What a command of `aws sagemaker` prints. */
  // biome-ignore lint/suspicious/noExplicitAny: it is whatever JSON the command prints; the checks look at it.
  async sagemaker(...words: string[]): Promise<any> {
    const { code, stdout, stderr } = await this.#run('sagemaker', ...words);
    if (code !== 0) throw new Error(`aws sagemaker ${words.join(' ')}: ${code}\n${stderr}`);
    return stdout === '' ? undefined : JSON.parse(stdout);
  }

  async invoke(endpointName: string, sample: Sample): Promise<Answer> {
    const { code, stdout, stderr } = await this.#invoke(endpointName, sample);
    if (code !== 0) throw new Error(`aws sagemaker-runtime invoke-endpoint: ${code}\n${stderr}`);
    const { ContentType, InvokedProductionVariant } = JSON.parse(stdout);
    return {
      body: await readFile(this.#output, 'utf8'),
      contentType: ContentType,
      variant: InvokedProductionVariant,
    };
  }

  async refusedInvoke(endpointName: string, sample: Sample): Promise<ModelRefusal> {
    return refusalIn(await this.#invoke(endpointName, sample));
  }

  async refused(...words: string[]): Promise<ModelRefusal> {
    return refusalIn(await this.#run(...words));
  }

  #invoke(endpointName: string, { file, contentType }: Sample) {
    return this.#run(
      'sagemaker-runtime',
      'invoke-endpoint',
      '--endpoint-name',
      endpointName,
      '--body',
      `fileb://${file}`,
      '--content-type',
      contentType,
      '--accept',
      'application/json',
      '--custom-attributes',
      'trace=1',
      this.#output,
    );
  }

  #run(...words: string[]) {
    const { clients, env } = this.#options;
    return run(join(clients, 'bin', 'aws'), words, { env });
  }
}

/** `An error occurred (CODE) when calling the OPERATION operation: MESSAGE`, then what else the error has. */
function refusalIn({ code: exitCode, stderr }: { code: number | string; stderr: string }) {
  const found = /An error occurred \((\w+)\) when calling the \w+ operation: (.*)/s.exec(stderr);
  if (found === null) throw new Error(`It was not refused (${exitCode}): ${stderr}`);
  const [, code = '', message = ''] = found;
  return { code, message: message.trim() };
}
