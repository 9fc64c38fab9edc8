import type { ProductionVariant } from '@aws-sdk/client-sagemaker';
import type { ModelRecord } from '../../hosting/records.js';
import { invalid } from './errors.js';

/*
 * What the service model cannot say of a variant's capacity. The rules are the developer guide's and the API reference's;
 * the service's texts are not known.
 */

const MB_A_STEP = 1024;

/** Instances or serverless: one of them, and whole. @throws ServiceError */
export function checkCapacity(variant: ProductionVariant): void {
  const { VariantName, InstanceType, InitialInstanceCount, ServerlessConfig } = variant;
  if (ServerlessConfig !== undefined && (InstanceType ?? InitialInstanceCount) !== undefined) {
    throw invalid(
      `Variant "${VariantName}" has both a ServerlessConfig and an InstanceType or InitialInstanceCount. Please specify only one of them.`,
    );
  }
  if (
    ServerlessConfig === undefined &&
    (InstanceType === undefined || InitialInstanceCount === undefined)
  ) {
    throw invalid(
      `Variant "${VariantName}" needs an InstanceType and an InitialInstanceCount, or a ServerlessConfig.`,
    );
  }
  checkServerless(variant);
}

/** Memory in whole gigabytes; no more concurrency provisioned than there may be. @throws ServiceError */
export function checkServerless({ VariantName, ServerlessConfig }: ProductionVariant): void {
  if (ServerlessConfig === undefined) return;
  const { MemorySizeInMB = 0, MaxConcurrency = 0, ProvisionedConcurrency = 0 } = ServerlessConfig;
  if (MemorySizeInMB % MB_A_STEP !== 0) {
    throw invalid(
      `MemorySizeInMB of variant "${VariantName}" must be one of 1024, 2048, 3072, 4096, 5120 and 6144, not ${MemorySizeInMB}.`,
    );
  }
  if (ProvisionedConcurrency > MaxConcurrency) {
    throw invalid(
      `ProvisionedConcurrency of variant "${VariantName}" (${ProvisionedConcurrency}) must be less than or equal to its MaxConcurrency (${MaxConcurrency}).`,
    );
  }
}

/** A serverless endpoint is one variant, without what the guide excludes: VPC, isolation, capture, several models, plain model data. */
export function checkServerlessFeatures(
  variants: readonly ProductionVariant[],
  hasDataCapture: boolean,
  modelOf: (variant: ProductionVariant) => ModelRecord,
): void {
  const serverless = variants.find(({ ServerlessConfig }) => ServerlessConfig !== undefined);
  if (serverless === undefined) return;
  const model = modelOf(serverless);
  const container = model.PrimaryContainer ?? model.Containers?.[0];
  const excluded = [
    variants.length > 1 && 'several production variants',
    hasDataCapture && 'DataCaptureConfig',
    model.VpcConfig !== undefined && 'VpcConfig',
    model.EnableNetworkIsolation === true && 'EnableNetworkIsolation',
    container?.Mode === 'MultiModel' && 'Mode=MultiModel',
    container?.ModelDataSource?.S3DataSource !== undefined && 'ModelDataSource',
  ].find((feature) => feature !== false);
  if (excluded !== undefined) {
    throw invalid(
      `Variant "${serverless.VariantName}" is serverless, which does not go together with ${excluded}.`,
    );
  }
}
