import type {
  DataCaptureConfigSummary,
  DescribeEndpointCommandInput,
  DescribeEndpointCommandOutput,
  ProductionVariantSummary,
} from '@aws-sdk/client-sagemaker';
import type { Deployment, EndpointRecord, VariantDeployment } from '../../hosting/records.js';
import type { Operation } from './context.js';
import { findEndpoint } from './find.js';

/** DescribeEndpoint. Gaps: VariantStatus and LastDeploymentConfig are not shown; capture is always `Stopped`. */
export const describeEndpoint: Operation<
  DescribeEndpointCommandInput,
  Omit<DescribeEndpointCommandOutput, '$metadata'>
> = async (input, context) => describe(findEndpoint(context, input.EndpointName));

function describe(endpoint: EndpointRecord): Omit<DescribeEndpointCommandOutput, '$metadata'> {
  const { deployment, pending } = endpoint;
  const shown = deployment ?? pending;
  return {
    ...endpoint,
    EndpointConfigName: shown?.EndpointConfigName,
    ProductionVariants: deployment?.variants.map(summary),
    DataCaptureConfig: captureSummary(deployment),
    PendingDeploymentSummary:
      endpoint.EndpointStatus === 'Failed' ? undefined : pendingSummary(pending),
  };
}

function pendingSummary(pending: Deployment | undefined) {
  if (pending === undefined) return undefined;
  return {
    EndpointConfigName: pending.EndpointConfigName,
    StartTime: pending.startTime,
    ProductionVariants: pending.variants.map(({ variant, container, instanceCount, weight }) => ({
      VariantName: variant.VariantName,
      DeployedImages: [{ SpecifiedImage: container.Image }],
      DesiredWeight: weight,
      DesiredInstanceCount: variant.ServerlessConfig ? undefined : instanceCount,
      InstanceType: variant.InstanceType,
      DesiredServerlessConfig: variant.ServerlessConfig,
    })),
  };
}

function summary(entry: VariantDeployment): ProductionVariantSummary {
  const { variant, container, weight } = entry;
  const serverless = variant.ServerlessConfig;
  const instances = serverless ? 0 : entry.instanceCount;
  return {
    VariantName: variant.VariantName,
    DeployedImages: [
      {
        SpecifiedImage: container.Image,
        ResolvedImage: entry.resolvedImage,
        ResolutionTime: entry.resolutionTime,
      },
    ],
    CurrentWeight: weight,
    DesiredWeight: weight,
    CurrentInstanceCount: instances,
    DesiredInstanceCount: instances,
    CurrentServerlessConfig: serverless,
    DesiredServerlessConfig: serverless,
    RoutingConfig: variant.RoutingConfig,
  };
}

/** All five members are required in the output; the service shows a missing key as an empty string. */
function captureSummary(deployment: Deployment | undefined): DataCaptureConfigSummary | undefined {
  const capture = deployment?.DataCaptureConfig;
  if (capture === undefined) return undefined;
  return {
    EnableCapture: capture.EnableCapture ?? false,
    CaptureStatus: 'Stopped',
    CurrentSamplingPercentage: capture.InitialSamplingPercentage,
    DestinationS3Uri: capture.DestinationS3Uri,
    KmsKeyId: capture.KmsKeyId ?? '',
  };
}
