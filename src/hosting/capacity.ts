import type { ProductionVariantServerlessConfig } from '@aws-sdk/client-sagemaker';
import type { Deployment, VariantDeployment } from './records.js';

/** What UpdateEndpointWeightsAndCapacities asks of one variant; what is absent stays as it is. */
export interface CapacityChange {
  readonly weight?: number;
  readonly instanceCount?: number;
  readonly serverless?: Partial<ProductionVariantServerlessConfig>;
}

/**
 * The same deployment, under the same id, with other weights and counts: the containers that it has stay, what is missing
 * is started beside them, and what is too many is drained.
 */
export function withCapacities(
  deployment: Deployment,
  changes: ReadonlyMap<string, CapacityChange>,
  cause: string,
  now: Date,
): Deployment {
  return {
    ...deployment,
    startTime: now,
    cause,
    variants: deployment.variants.map((entry) =>
      changed(entry, changes.get(entry.variant.VariantName)),
    ),
  };
}

function changed(entry: VariantDeployment, change: CapacityChange = {}): VariantDeployment {
  const { ServerlessConfig } = entry.variant;
  return {
    ...entry,
    weight: change.weight ?? entry.weight,
    instanceCount: change.instanceCount ?? entry.instanceCount,
    variant: {
      ...entry.variant,
      ServerlessConfig: ServerlessConfig && { ...ServerlessConfig, ...change.serverless },
    },
  };
}

/** Whether what is being brought about are only other weights and counts of what serves. */
export function isCapacityChange(
  current: Deployment | undefined,
  pending: Deployment | undefined,
): boolean {
  return current !== undefined && current.id === pending?.id;
}
