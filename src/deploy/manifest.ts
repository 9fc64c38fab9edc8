import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import type {
  ContainerDefinition,
  CreateEndpointConfigCommandInput,
  CreateModelCommandInput,
  ProductionVariant,
  Tag,
} from '@aws-sdk/client-sagemaker';
import type { EndpointSettings, VariantSettings } from '../config/config.js';
import { configExtras, vpcOf } from './config-extras.js';

/** Marks what config.yml made, so that what it no longer describes can be taken away again. */
export const ENDPOINT_TAG = 'smlocal:endpoint';

/** On a model: SHA-256 of the package that it was made with, for whoever wants to know which one serves. */
export const PACKAGE_TAG = 'smlocal:package';

/** This machine has to be some instance type, for the service knows no such one. */
const LOCAL_INSTANCE_TYPES: Readonly<Record<string, string>> = {
  local: 'ml.m5.xlarge',
  local_gpu: 'ml.g4dn.xlarge',
};

const MAX_NAME = 63;

/** All that one endpoint needs made, in AWS's words. */
export interface Manifest {
  readonly endpointName: string;
  readonly model: CreateModelCommandInput & { ModelName: string };
  readonly endpointConfig: CreateEndpointConfigCommandInput & { EndpointConfigName: string };
  readonly tags: Tag[];
}

/**
 * The manifest of an endpoint. Models and endpoint configs are immutable, so their names carry a digest of what is in
 * them: the same settings give the same names, others give new ones.
 *
 * @param modelTags tags of the model alone
 */
export function manifestOf(
  settings: EndpointSettings,
  accountId: string,
  modelTags: Readonly<Record<string, string>> = {},
): Manifest {
  const tags = tagList({ ...settings.tags, [ENDPOINT_TAG]: settings.endpointName });
  const definition = {
    PrimaryContainer: containerOf(settings),
    ExecutionRoleArn: roleArn(settings.roleName, accountId),
    ...vpcOf(settings),
  };
  const ModelName = named(settings.modelName, definition);
  const ProductionVariants = settings.variants.map((one) => variantOf(one, ModelName));
  const extras = configExtras(settings);
  const isPlain = Object.keys(extras).length === 0;
  const content = isPlain ? ProductionVariants : { ProductionVariants, ...extras };
  return {
    endpointName: settings.endpointName,
    model: { ModelName, ...definition, Tags: [...tags, ...tagList(modelTags)] },
    endpointConfig: {
      EndpointConfigName: named(settings.endpointName, content),
      ProductionVariants,
      ...extras,
      Tags: tags,
    },
    tags,
  };
}

function containerOf(settings: EndpointSettings): ContainerDefinition {
  const { sourceDirectory, entryPoint } = settings;
  return {
    Image: settings.image,
    ModelDataUrl: settings.modelDataUrl,
    ...multiModelOf(settings),
    Environment: {
      ...(entryPoint === undefined ? {} : { SAGEMAKER_PROGRAM: entryPoint }),
      ...(sourceDirectory === undefined
        ? {}
        : { SAGEMAKER_SUBMIT_DIRECTORY: pathToFileURL(sourceDirectory).href }),
      ...(settings.debug ? { SMLOCAL_DEBUG: 'true' } : {}),
      ...(settings.python === undefined ? {} : { SMLOCAL_PYTHON: settings.python }),
      ...(settings.command === undefined ? {} : { SMLOCAL_COMMAND: settings.command }),
      ...(settings.reload === 'restart' ? { SMLOCAL_RELOAD: 'restart' } : {}),
      ...settings.environment,
    },
  };
}

function multiModelOf({ multiModel }: EndpointSettings): Partial<ContainerDefinition> {
  if (multiModel === undefined) return {};
  const MultiModelConfig = { ModelCacheSetting: multiModel.cacheSetting };
  return { Mode: 'MultiModel', MultiModelConfig };
}

function variantOf(variant: VariantSettings, ModelName: string): ProductionVariant {
  return {
    VariantName: variant.name,
    ModelName,
    ...capacityOf(variant),
    InitialVariantWeight: variant.weight,
    ContainerStartupHealthCheckTimeoutInSeconds: variant.startupTimeoutSeconds,
    ModelDataDownloadTimeoutInSeconds: variant.downloadTimeoutSeconds,
  };
}

function capacityOf(variant: VariantSettings): Partial<ProductionVariant> {
  const { instanceType = 'local', instanceCount, serverless } = variant;
  if (serverless === undefined) {
    const type = LOCAL_INSTANCE_TYPES[instanceType] ?? instanceType;
    return {
      InstanceType: type as ProductionVariant['InstanceType'],
      InitialInstanceCount: instanceCount,
    };
  }
  return {
    ServerlessConfig: {
      MemorySizeInMB: serverless.memory_size_in_mb,
      MaxConcurrency: serverless.max_concurrency,
      ...(serverless.provisioned_concurrency === undefined
        ? {}
        : { ProvisionedConcurrency: serverless.provisioned_concurrency }),
    },
  };
}

/** The document's config names the role without its ARN. */
function roleArn(role: string | undefined, accountId: string): string | undefined {
  if (role === undefined || role.startsWith('arn:')) return role;
  return `arn:aws:iam::${accountId}:role/${role}`;
}

function named(name: string, content: unknown): string {
  const digest = createHash('sha256').update(canonical(content)).digest('hex').slice(0, 8);
  return `${name.slice(0, MAX_NAME - digest.length - 1)}-${digest}`;
}

/** JSON in which the order of keys says nothing. */
function canonical(content: unknown): string {
  return JSON.stringify(content, (_key, value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

function tagList(tags: Readonly<Record<string, string>>): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
