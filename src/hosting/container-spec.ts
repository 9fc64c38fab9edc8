import { fileURLToPath } from 'node:url';
import type { ContainerDefinition } from '@aws-sdk/client-sagemaker';
import type { ContainerSpec, ImageInfo } from '../containers/engine.js';
import { containerLabels } from '../containers/labels.js';
import type { Mount } from '../mount.js';
import type { InstanceKey } from './plan.js';
import type { VariantDeployment } from './records.js';
import { withAccess } from './role-access.js';

/** The port that SageMaker's container contract names. */
const CONTAINER_PORT = 8080;

/** Where a handler's folder lies in the container; the toolkits put it on the Python path. */
const CODE_DIRECTORY = '/opt/ml/model/code';

const BIND_TO_PORT_LABEL = 'com.amazonaws.sagemaker.capabilities.accept-bind-to-port';

/** Says that an image can load and unload models while it serves; AWS refuses a multi-model container of one without. */
export const MULTI_MODEL_LABEL = 'com.amazonaws.sagemaker.capabilities.multi-models';

export function isMultiModel({ Mode }: ContainerDefinition): boolean {
  return Mode === 'MultiModel';
}

/**
 * The user's handler folder, where a model names one by `SAGEMAKER_SUBMIT_DIRECTORY=file:///…`, as the SageMaker SDK's
 * local mode does. It is shown to the container at {@link CODE_DIRECTORY}.
 */
export function sourceDirectoryOf(container: VariantDeployment['container']): string | undefined {
  const submitted = container.Environment?.SAGEMAKER_SUBMIT_DIRECTORY;
  return submitted?.startsWith('file://') ? fileURLToPath(submitted) : undefined;
}

/**
 * The environment of a serving container: what the platform injects, then the model's own, which wins as it does on AWS.
 * Source: the container contract (developer guide, "Custom inference code with hosting services").
 */
export function containerEnvironment(
  container: VariantDeployment['container'],
  image: ImageInfo,
  region: string,
  access: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const platform: Record<string, string> = { AWS_REGION: region, AWS_DEFAULT_REGION: region };
  if (isMultiModel(container)) platform.SAGEMAKER_MULTI_MODEL = 'true';
  if (image.labels[BIND_TO_PORT_LABEL] === 'true') {
    platform.SAGEMAKER_BIND_TO_PORT = String(CONTAINER_PORT);
    platform.SAGEMAKER_SAFE_PORT_RANGE = '20000-20999';
  }
  const environment = { ...platform, ...withAccess(container.Environment ?? {}, access) };
  if (sourceDirectoryOf(container) !== undefined) {
    environment.SAGEMAKER_SUBMIT_DIRECTORY = CODE_DIRECTORY;
  }
  return environment;
}

/** What `docker ps` shows; unique, for a deployment's id is. */
export function containerName(endpointName: string, key: InstanceKey): string {
  return `smlocal-${endpointName}-${key.variantName}-${key.instance}-${key.deploymentId}`;
}

/** Everything the engine must know to run one instance of a variant as SageMaker would. */
export function containerSpec(options: {
  stateId: string;
  endpointName: string;
  key: InstanceKey;
  container: VariantDeployment['container'];
  image: ImageInfo;
  mounts: readonly Mount[];
  region: string;
  platform: string | undefined;
  /** What gives the handler's own calls to AWS an address and credentials. */
  access?: Readonly<Record<string, string>>;
}): ContainerSpec {
  const { stateId, endpointName, key, container, image, mounts, region, platform, access } =
    options;
  return {
    name: containerName(endpointName, key),
    image: image.reference,
    command: ['serve'],
    environment: containerEnvironment(container, image, region, access),
    mounts,
    labels: containerLabels({ stateId, endpointName, ...key }),
    containerPort: CONTAINER_PORT,
    platform,
  };
}
