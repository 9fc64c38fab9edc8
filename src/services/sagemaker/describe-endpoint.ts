import type {
  DataCaptureConfigSummary,
  DescribeEndpointCommandInput,
  DescribeEndpointCommandOutput,
  PendingProductionVariantSummary,
  ProductionVariantSummary,
} from '@aws-sdk/client-sagemaker';
import { isCapacityChange } from '../../hosting/capacity.js';
import { isCapturing } from '../../hosting/capture/capture-settings.js';
import type { Deployment, EndpointRecord, VariantDeployment } from '../../hosting/records.js';
import type { Operation } from './context.js';
import { findEndpoint } from './find.js';

/*
 * DescribeEndpoint.
 * Gaps: of VariantStatus there is `Creating` or `Updating` while an endpoint comes up or
 * changes, and none of the states of a traffic shift, for here that takes no time; what belongs to what is refused when
 * configs are made (asynchronous inference, explainers, shadow variants) is never there.
 */
export const describeEndpoint: Operation<
  DescribeEndpointCommandInput,
  Omit<DescribeEndpointCommandOutput, '$metadata'>
> = async (input, context) => describe(findEndpoint(context, input.EndpointName));

function describe(endpoint: EndpointRecord): Omit<DescribeEndpointCommandOutput, '$metadata'> {
  const { deployment, pending, EndpointStatus } = endpoint;
  const shown = deployment ?? pending;
  const desired = isCapacityChange(deployment, pending) ? pending : deployment;
  const hasNewConfig = EndpointStatus !== 'Failed' && desired === deployment;
  return {
    ...endpoint,
    EndpointConfigName: shown?.EndpointConfigName,
    ProductionVariants: deployment?.variants.map((entry, index) =>
      summary(entry, desired?.variants[index] ?? entry, desired?.startTime),
    ),
    DataCaptureConfig: captureSummary(deployment),
    MetricsConfig: shown?.MetricsConfig,
    PendingDeploymentSummary: hasNewConfig ? pendingSummary(pending) : undefined,
  };
}

function pendingSummary(pending: Deployment | undefined) {
  if (pending === undefined) return undefined;
  return {
    EndpointConfigName: pending.EndpointConfigName,
    StartTime: pending.startTime,
    ProductionVariants: pending.variants.map((entry) => pendingVariant(entry, pending.startTime)),
  };
}

function pendingVariant(
  { variant, container, instanceCount, weight }: VariantDeployment,
  StartTime: Date,
): PendingProductionVariantSummary {
  return {
    VariantName: variant.VariantName,
    DeployedImages: [{ SpecifiedImage: container.Image }],
    DesiredWeight: weight,
    DesiredInstanceCount: variant.ServerlessConfig ? undefined : instanceCount,
    InstanceType: variant.InstanceType,
    DesiredServerlessConfig: variant.ServerlessConfig,
    VariantStatus: [{ Status: 'Creating', StartTime }],
    RoutingConfig: variant.RoutingConfig,
  };
}

/** What is, and what is to be: they differ while UpdateEndpointWeightsAndCapacities is carried out. */
function summary(
  current: VariantDeployment,
  desired: VariantDeployment,
  StartTime: Date | undefined,
): ProductionVariantSummary {
  const { variant, container } = current;
  const count = (entry: VariantDeployment) => (variant.ServerlessConfig ? 0 : entry.instanceCount);
  return {
    VariantName: variant.VariantName,
    DeployedImages: [
      {
        SpecifiedImage: container.Image,
        ResolvedImage: current.resolvedImage,
        ResolutionTime: current.resolutionTime,
      },
    ],
    CurrentWeight: current.weight,
    DesiredWeight: desired.weight,
    CurrentInstanceCount: count(current),
    DesiredInstanceCount: count(desired),
    CurrentServerlessConfig: variant.ServerlessConfig,
    DesiredServerlessConfig: desired.variant.ServerlessConfig,
    VariantStatus: desired === current ? undefined : [{ Status: 'Updating', StartTime }],
    RoutingConfig: variant.RoutingConfig,
  };
}

/** All five members are required in the output; the service shows a missing key as an empty string. */
function captureSummary(deployment: Deployment | undefined): DataCaptureConfigSummary | undefined {
  const capture = deployment?.DataCaptureConfig;
  if (capture === undefined) return undefined;
  const EnableCapture = isCapturing(capture);
  return {
    EnableCapture,
    CaptureStatus: EnableCapture ? 'Started' : 'Stopped',
    CurrentSamplingPercentage: capture.InitialSamplingPercentage,
    DestinationS3Uri: capture.DestinationS3Uri,
    KmsKeyId: capture.KmsKeyId ?? '',
  };
}
