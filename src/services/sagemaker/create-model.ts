import type {
  ContainerDefinition,
  CreateModelCommandInput,
  CreateModelCommandOutput,
} from '@aws-sdk/client-sagemaker';
import { type ModelData, modelDataOf } from '../../artifacts/model-data.js';
import { SmlocalError } from '../../errors.js';
import { arnOf } from '../../hosting/arn.js';
import { isMultiModel } from '../../hosting/container-spec.js';
import type { Operation } from './context.js';
import { checkEnvironment } from './environment-rule.js';
import { alreadyExists, invalid, notServed } from './errors.js';

/*
 * CreateModel.
 * Gaps: inference pipelines, multi-container models, model packages and additional model data sources are
 * refused by name; VpcConfig, ImageConfig and EnableNetworkIsolation are kept and shown, but the container runs on the
 * engine's ordinary network; the role is not assumed.
 */
export const createModel: Operation<
  CreateModelCommandInput,
  Omit<CreateModelCommandOutput, '$metadata'>
> = async (input, context) => {
  const name = input.ModelName ?? '';
  const container = theContainer(input);
  refuseUnserved(container);
  checkSources(container);
  if (isMultiModel(container)) checkMultiModel(container);
  checkEnvironment(container);
  await checkDataExists(container, context.artifacts);
  const arn = arnOf(context.caller, 'model', name);
  if (context.records.models.isTaken(name)) throw alreadyExists('model', arn);
  await context.records.models.put(name, {
    ...input,
    ModelName: name,
    ModelArn: arn,
    CreationTime: context.now,
    Tags: input.Tags ?? [],
  });
  return { ModelArn: arn };
};

function theContainer(input: CreateModelCommandInput): ContainerDefinition {
  const { PrimaryContainer, Containers = [] } = input;
  if (PrimaryContainer !== undefined && Containers.length > 0) {
    throw invalid(
      'Both PrimaryContainer and Containers are specified. Please specify only one of them.',
    );
  }
  if (Containers.length > 1) throw notServed('Containers', 'models of several containers');
  const container = PrimaryContainer ?? Containers[0];
  if (container === undefined) {
    throw invalid(
      'Neither PrimaryContainer nor Containers is specified. Please specify one of them.',
    );
  }
  return container;
}

function refuseUnserved(container: ContainerDefinition): void {
  if (container.ModelPackageName !== undefined)
    throw notServed('ModelPackageName', 'model packages');
  if ((container.AdditionalModelDataSources ?? []).length > 0) {
    throw notServed('AdditionalModelDataSources', 'more than one source of model data');
  }
}

function checkSources(container: ContainerDefinition): void {
  if (container.Image === undefined) {
    throw invalid('A container definition must have an Image or a ModelPackageName.');
  }
  if (container.ModelDataUrl !== undefined && container.ModelDataSource !== undefined) {
    throw invalid(
      'Both ModelDataUrl and ModelDataSource are specified. Please specify only one of them.',
    );
  }
  const source = container.ModelDataSource?.S3DataSource;
  if (source?.S3DataType === 'S3Prefix' && !source.S3Uri?.endsWith('/')) {
    throw invalid(
      `S3Uri "${source.S3Uri}" must end with a forward slash where S3DataType is S3Prefix.`,
    );
  }
  if (source?.CompressionType === 'Gzip' && source.S3DataType !== 'S3Object') {
    throw invalid('CompressionType Gzip needs S3DataType S3Object.');
  }
}

/** The guide's rules for several models in one container; the service's texts are not known. */
function checkMultiModel({ ModelDataUrl, ModelDataSource, Environment }: ContainerDefinition) {
  if (ModelDataSource !== undefined) {
    throw invalid('ModelDataSource is not supported where Mode is MultiModel. Use ModelDataUrl.');
  }
  if (ModelDataUrl === undefined) {
    throw invalid('ModelDataUrl is required where Mode is MultiModel: the prefix of the archives.');
  }
  if (Environment?.SAGEMAKER_SUBMIT_DIRECTORY?.startsWith('file://')) {
    throw invalid(
      'SAGEMAKER_SUBMIT_DIRECTORY cannot be a folder of this machine where Mode is MultiModel: each archive has its own code.',
    );
  }
}

/** The service looks for the object when the model is made, and refuses a model without its data. */
async function checkDataExists(
  container: ContainerDefinition,
  artifacts: { exists(data: ModelData): Promise<boolean> },
): Promise<void> {
  const data = isMultiModel(container) ? prefixOf(container) : modelDataOf(container);
  if (data === undefined) return;
  const isThere = await artifacts.exists(data).catch(inaccessible(data.uri));
  if (!isThere) throw invalid(`Could not find model data at ${data.uri}.`);
}

/** Of another S3, which cannot be asked or refuses. */
function inaccessible(uri: string) {
  return (error: unknown): never => {
    if (!(error instanceof SmlocalError)) throw error;
    throw invalid(`Could not access model data at ${uri}. ${error.message}`);
  };
}

/** Not one archive, but the folder of many. */
function prefixOf({ ModelDataUrl = '' }: ContainerDefinition): ModelData {
  return { uri: `${ModelDataUrl.replace(/\/+$/, '')}/`, compression: 'None' };
}
