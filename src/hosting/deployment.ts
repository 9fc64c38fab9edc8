import { randomBytes } from 'node:crypto';
import type { ContainerDefinition } from '@aws-sdk/client-sagemaker';
import type {
  Deployment,
  EndpointConfigRecord,
  EndpointRecord,
  ModelRecord,
  VariantDeployment,
} from './records.js';

/** The one container of a model; CreateModel has refused models with more. */
function primaryContainer(model: ModelRecord): ContainerDefinition & { Image: string } {
  const container = model.PrimaryContainer ?? model.Containers?.[0];
  if (container?.Image === undefined) throw new Error(`model ${model.ModelName} has no image`);
  return { ...container, Image: container.Image };
}

/**
 * Freezes a config and its models into a deployment, which from then on depends on neither.
 *
 * @param modelOf finds a variant's model; throws the service's error where it is gone
 */
export function makeDeployment(
  config: EndpointConfigRecord,
  modelOf: (modelName: string | undefined) => ModelRecord,
  cause: string,
  now: Date,
): Deployment {
  return {
    id: newDeploymentId(),
    EndpointConfigName: config.EndpointConfigName,
    variants: config.ProductionVariants.map((variant) => {
      const model = modelOf(variant.ModelName);
      return {
        variant: { ...variant, VariantName: variant.VariantName ?? '' },
        container: primaryContainer(model),
        ExecutionRoleArn: model.ExecutionRoleArn,
        EnableNetworkIsolation: model.EnableNetworkIsolation,
        // A serverless variant has no count: it is one warm container here.
        instanceCount: variant.InitialInstanceCount ?? 1,
        weight: variant.InitialVariantWeight ?? 1,
      };
    }),
    DataCaptureConfig: config.DataCaptureConfig,
    MetricsConfig: config.MetricsConfig,
    startTime: now,
    cause,
  };
}

/** The roles of an endpoint's containers, one a variant; undefined for a model that names none. */
export function rolesOf({ deployment, pending }: EndpointRecord): (string | undefined)[] {
  const variants = [deployment, pending].flatMap((one) => one?.variants ?? []);
  return variants.map(({ ExecutionRoleArn }) => ExecutionRoleArn);
}

/** The instance count of the variant that has fewest: what the steps of an update are held against. */
export function smallestVariant({ variants }: Deployment): number {
  return Math.min(...variants.map(({ instanceCount }) => instanceCount));
}

/** The same deployment once more, under a new id: its containers are replaced by fresh ones. */
export function redeployment(deployment: Deployment, cause: string, now: Date): Deployment {
  return { ...deployment, id: newDeploymentId(), startTime: now, cause };
}

/** The deployment with what was found out about a variant's image. */
export function withResolvedImages(
  deployment: Deployment,
  resolved: ReadonlyMap<string, string>,
  now: Date,
): Deployment {
  return {
    ...deployment,
    variants: deployment.variants.map((entry): VariantDeployment => {
      const resolvedImage = resolved.get(entry.variant.VariantName);
      return resolvedImage === undefined ? entry : { ...entry, resolvedImage, resolutionTime: now };
    }),
  };
}

function newDeploymentId(): string {
  return randomBytes(5).toString('hex');
}
