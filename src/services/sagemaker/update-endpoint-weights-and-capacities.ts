import type {
  DesiredWeightAndCapacity,
  UpdateEndpointWeightsAndCapacitiesCommandInput,
  UpdateEndpointWeightsAndCapacitiesCommandOutput,
} from '@aws-sdk/client-sagemaker';
import { type CapacityChange, withCapacities } from '../../hosting/capacity.js';
import type { Deployment } from '../../hosting/records.js';
import { checkServerless } from './capacity-rules.js';
import type { Operation } from './context.js';
import { invalid } from './errors.js';
import { findEndpoint } from './find.js';
import { requested } from './requested.js';

/*
 * UpdateEndpointWeightsAndCapacities. Answers at once; the containers that serve go on, those that are missing come up
 * beside them, and the new weights take effect when all are there: `Desired…` shows what was asked, `Current…` what is.
 * Gaps: the texts for an unknown variant, a variant named twice, a count of zero and a mixture of instances and serverless
 * have not been seen of the service.
 */
export const updateEndpointWeightsAndCapacities: Operation<
  UpdateEndpointWeightsAndCapacitiesCommandInput,
  Omit<UpdateEndpointWeightsAndCapacitiesCommandOutput, '$metadata'>
> = async (input, context) => {
  const endpoint = findEndpoint(context, input.EndpointName);
  const EndpointStatus = requested(endpoint, 'UpdateEndpointWeightsAndCapacities');
  const { deployment, EndpointArn } = endpoint;
  if (deployment === undefined) throw new Error(`${EndpointArn} serves without a deployment`);
  const desired = input.DesiredWeightsAndCapacities ?? [];
  checkNames(desired, deployment);
  for (const one of desired) checkKind(one, deployment);
  const changes = new Map(desired.map((one) => [one.VariantName ?? '', changeOf(one)]));
  const pending = withCapacities(
    deployment,
    changes,
    'UpdateEndpointWeightsAndCapacities',
    context.now,
  );
  for (const { variant } of pending.variants) checkServerless(variant);
  await context.saveEndpoint({
    ...endpoint,
    EndpointStatus,
    LastModifiedTime: context.now,
    FailureReason: undefined,
    pending,
  });
  return { EndpointArn };
};

function changeOf(one: DesiredWeightAndCapacity): CapacityChange {
  return {
    weight: one.DesiredWeight,
    instanceCount: one.DesiredInstanceCount,
    serverless: one.ServerlessUpdateConfig,
  };
}

function checkNames(
  desired: readonly DesiredWeightAndCapacity[],
  { variants, EndpointConfigName }: Deployment,
): void {
  const names = desired.map(({ VariantName }) => VariantName ?? '');
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw invalid(`The variant name "${twice}" was non-unique within the request.`);
  const known = variants.map(({ variant }) => variant.VariantName);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw invalid(
      `The variant name(s) "${unknown.join(', ')}" is/are not present within endpoint configuration "${EndpointConfigName}".`,
    );
  }
}

/** Scaling to zero is for asynchronous endpoints and inference components (developer guide), which are not served. */
function checkKind(one: DesiredWeightAndCapacity, { variants }: Deployment): void {
  const { VariantName, DesiredInstanceCount, ServerlessUpdateConfig } = one;
  const isServerless = variants.some(
    ({ variant }) => variant.VariantName === VariantName && variant.ServerlessConfig !== undefined,
  );
  if (isServerless && DesiredInstanceCount !== undefined)
    throw invalid(`Variant "${VariantName}" is serverless and has no DesiredInstanceCount.`);
  if (!isServerless && ServerlessUpdateConfig !== undefined) {
    throw invalid(`Variant "${VariantName}" is not serverless and has no ServerlessUpdateConfig.`);
  }
  if (DesiredInstanceCount === 0)
    throw invalid(`Variant "${VariantName}" must have a DesiredInstanceCount of at least 1.`);
}
