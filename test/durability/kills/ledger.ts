import {
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DeleteEndpointConfigCommand,
  DeleteModelCommand,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  paginateListEndpointConfigs,
  paginateListModels,
  type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { expect } from 'vitest';
import { outcomeOf, undefinedIfNotFound } from './outcome.js';

/** One version of what is served: a model and a config of one name. */
export interface Version {
  readonly name: string;
  readonly image: string;
  readonly modelDataUrl: string;
}

type Presence = 'there' | 'gone' | 'either';
type Kind = 'models' | 'configs';

/** What was acknowledged of models and configs. Each name is used by one caller at a time. */
export class Ledger {
  readonly #known = new Map<string, { kind: Kind; version: Version; presence: Presence }>();

  /** Makes a version's model and config. @returns whether both are there for certain */
  async create(sagemaker: SageMakerClient, version: Version): Promise<boolean> {
    const { name, image, modelDataUrl } = version;
    const model = new CreateModelCommand({
      ModelName: name,
      PrimaryContainer: { Image: image, ModelDataUrl: modelDataUrl },
      Tags: [{ Key: 'version', Value: name }],
    });
    if (!(await this.#change('models', version, 'there', sagemaker.send(model)))) return false;
    const config = new CreateEndpointConfigCommand({
      EndpointConfigName: name,
      ProductionVariants: [
        { VariantName: 'v', ModelName: name, InstanceType: 'ml.m5.large', InitialInstanceCount: 1 },
      ],
    });
    return this.#change('configs', version, 'there', sagemaker.send(config));
  }

  /** Deletes one of the two; an endpoint that serves them serves on. */
  async delete(sagemaker: SageMakerClient, kind: Kind, version: Version): Promise<void> {
    const { name } = version;
    const call =
      kind === 'models'
        ? sagemaker.send(new DeleteModelCommand({ ModelName: name }))
        : sagemaker.send(new DeleteEndpointConfigCommand({ EndpointConfigName: name }));
    await this.#change(kind, version, 'gone', call);
  }

  /** Holds what a daemon says against what was acknowledged; from then on what it says is what there is. */
  async verify(sagemaker: SageMakerClient): Promise<void> {
    const listed = {
      models: await namesOfModels(sagemaker),
      configs: await namesOfConfigs(sagemaker),
    };
    for (const [key, entry] of this.#known) {
      const { kind, version, presence } = entry;
      const found = await describe(sagemaker, kind, version.name);
      const where = `${kind} ${version.name}`;
      if (presence !== 'either')
        expect(found === undefined ? 'gone' : 'there', where).toBe(presence);
      expect(listed[kind].has(version.name), `${where} in the list`).toBe(found !== undefined);
      listed[kind].delete(version.name);
      if (found === undefined) this.#known.delete(key);
      else expect(found, where).toEqual(kind === 'models' ? version : { name: version.name });
      entry.presence = 'there';
    }
    expect(listed).toEqual({ models: new Set(), configs: new Set() });
  }

  async #change(
    kind: Kind,
    version: Version,
    presence: 'there' | 'gone',
    call: Promise<unknown>,
  ): Promise<boolean> {
    const key = `${kind}/${version.name}`;
    // Written down before it is known: whoever is cut off here has asked for it all the same.
    this.#known.set(key, { kind, version, presence: 'either' });
    const outcome = await outcomeOf(call);
    if (typeof outcome === 'object') expect.fail(`${key}: ${outcome.refused}`);
    if (outcome === 'done') this.#known.set(key, { kind, version, presence });
    return outcome === 'done';
  }
}

async function describe(
  sagemaker: SageMakerClient,
  kind: Kind,
  name: string,
): Promise<object | undefined> {
  if (kind === 'configs') {
    const command = new DescribeEndpointConfigCommand({ EndpointConfigName: name });
    const config = await sagemaker.send(command).catch(undefinedIfNotFound);
    return config && { name: config.ProductionVariants?.[0]?.ModelName };
  }
  const model = await sagemaker
    .send(new DescribeModelCommand({ ModelName: name }))
    .catch(undefinedIfNotFound);
  return (
    model && {
      name: model.ModelName,
      image: model.PrimaryContainer?.Image,
      modelDataUrl: model.PrimaryContainer?.ModelDataUrl,
    }
  );
}

async function namesOfModels(client: SageMakerClient): Promise<Set<string | undefined>> {
  const names = new Set<string | undefined>();
  for await (const { Models = [] } of paginateListModels({ client, pageSize: 100 }, {}))
    for (const { ModelName } of Models) names.add(ModelName);
  return names;
}

async function namesOfConfigs(client: SageMakerClient): Promise<Set<string | undefined>> {
  const names = new Set<string | undefined>();
  const pages = paginateListEndpointConfigs({ client, pageSize: 100 }, {});
  for await (const { EndpointConfigs = [] } of pages)
    for (const { EndpointConfigName } of EndpointConfigs) names.add(EndpointConfigName);
  return names;
}
