import type {
  DescribeEndpointConfigCommandOutput,
  DescribeModelCommandOutput,
} from '@aws-sdk/client-sagemaker';
import { type ControlPlane, found, ownerOf, pages } from './control.js';

/** An endpoint config that an earlier deploy of the endpoint made. */
export interface OwnedConfig {
  readonly name: string;
  readonly createdAt: number;
  readonly models: readonly string[];
}

export interface OwnedModel {
  readonly name: string;
  readonly dataUrls: readonly string[];
}

/** What earlier deploys of one endpoint have made and is still there. */
export interface Owned {
  readonly configs: readonly OwnedConfig[];
  readonly models: readonly OwnedModel[];
}

/** Finds them by their tag; names are looked at first, for every tag is a call of its own. */
export async function ownedBy(
  control: ControlPlane,
  endpointName: string,
  modelName: string,
): Promise<Owned> {
  const configs: OwnedConfig[] = [];
  for await (const one of pages(control, 'EndpointConfigs', stem(endpointName))) {
    const name = one.EndpointConfigName ?? '';
    if (!isNamed(name, endpointName)) continue;
    if ((await ownerOf(control, one.EndpointConfigArn)) !== endpointName) continue;
    const described = await found<DescribeEndpointConfigCommandOutput>(
      control,
      'DescribeEndpointConfig',
      { EndpointConfigName: name },
    );
    if (described === undefined) continue;
    const models = (described.ProductionVariants ?? []).flatMap(({ ModelName }) => ModelName ?? []);
    configs.push({ name, createdAt: one.CreationTime?.getTime() ?? 0, models });
  }
  const models: OwnedModel[] = [];
  for await (const one of pages(control, 'Models', stem(modelName))) {
    const name = one.ModelName ?? '';
    if (!isNamed(name, modelName)) continue;
    if ((await ownerOf(control, one.ModelArn)) !== endpointName) continue;
    const described = await found<DescribeModelCommandOutput>(control, 'DescribeModel', {
      ModelName: name,
    });
    if (described !== undefined) models.push({ name, dataUrls: dataUrlsOf(described) });
  }
  return { configs, models };
}

function dataUrlsOf({ PrimaryContainer, Containers = [] }: DescribeModelCommandOutput): string[] {
  return [PrimaryContainer, ...Containers].flatMap((one) => one?.ModelDataUrl ?? []);
}

/** Manifests cut long names to make room for the digest. */
function stem(name: string): string {
  return name.slice(0, 54);
}

function isNamed(name: string, by: string): boolean {
  return new RegExp(`^${stem(by)}-[0-9a-f]{8}$`).test(name);
}

export interface Superseded {
  readonly configs: readonly string[];
  readonly models: readonly string[];
  /** `s3://…` of packages that no model refers to any more. */
  readonly dataUrls: readonly string[];
}

/**
 * What of earlier versions goes when the wanted one serves. Kept are the wanted one and so many before it, first of them
 * the one that serves now, then the newest; with them their models and their models' data.
 *
 * @param wanted names that the deploy makes, and the data that its model refers to
 * @param serving the config that the endpoint has now
 */
export function superseded(
  owned: Owned,
  wanted: { config: string; models: readonly string[]; dataUrls: readonly string[] },
  serving: string | undefined,
  keep: number,
): Superseded {
  const earlier = owned.configs
    .filter(({ name }) => name !== wanted.config)
    .sort((a, b) => rank(b, serving) - rank(a, serving) || b.createdAt - a.createdAt);
  const kept = earlier.slice(0, keep);
  const keptModels = new Set([...wanted.models, ...kept.flatMap(({ models }) => models)]);
  const models = owned.models.filter(({ name }) => !keptModels.has(name));
  const keptUrls = new Set([
    ...wanted.dataUrls,
    ...owned.models.filter(({ name }) => keptModels.has(name)).flatMap(({ dataUrls }) => dataUrls),
  ]);
  const dataUrls = new Set(models.flatMap((model) => model.dataUrls));
  return {
    configs: earlier.slice(keep).map(({ name }) => name),
    models: models.map(({ name }) => name),
    dataUrls: [...dataUrls].filter((url) => !keptUrls.has(url)),
  };
}

function rank({ name }: OwnedConfig, serving: string | undefined): number {
  return name === serving ? 1 : 0;
}
