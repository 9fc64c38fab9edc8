import type {
  CreateEndpointConfigCommandInput,
  CreateEndpointConfigCommandOutput,
  ProductionVariant,
} from '@aws-sdk/client-sagemaker';
import { arnOf } from '../../hosting/arn.js';
import { checkCapacity, checkServerlessFeatures } from './capacity-rules.js';
import type { Operation, OperationContext } from './context.js';
import { alreadyExists, invalid, notServed } from './errors.js';
import { findModel } from './find.js';

/*
 * CreateEndpointConfig.
 * Gaps: asynchronous inference, shadow variants, explainers, inference components and instance pools are refused by name;
 * KMS keys, VPC, volume sizes and instance types are kept and shown, and change nothing; a serverless
 * variant is one container that is always warm. The texts for a variant named twice and for capacities that do not go
 * together have not been seen of the service.
 */
export const createEndpointConfig: Operation<
  CreateEndpointConfigCommandInput,
  Omit<CreateEndpointConfigCommandOutput, '$metadata'>
> = async (input, context) => {
  const name = input.EndpointConfigName ?? '';
  const variants = input.ProductionVariants ?? [];
  refuseUnserved(input);
  checkNames(variants);
  for (const variant of variants) checkVariant(variant, context);
  checkServerlessFeatures(variants, input.DataCaptureConfig !== undefined, ({ ModelName }) =>
    findModel(context, ModelName),
  );
  const arn = arnOf(context.caller, 'endpoint-config', name);
  if (context.records.endpointConfigs.isTaken(name)) throw alreadyExists('endpoint-config', arn);
  await context.records.endpointConfigs.put(name, {
    ...input,
    EndpointConfigName: name,
    EndpointConfigArn: arn,
    ProductionVariants: variants.map((variant) => ({ InitialVariantWeight: 1, ...variant })),
    CreationTime: context.now,
    Tags: input.Tags ?? [],
  });
  return { EndpointConfigArn: arn };
};

function refuseUnserved(input: CreateEndpointConfigCommandInput): void {
  if (input.AsyncInferenceConfig) throw notServed('AsyncInferenceConfig', 'asynchronous inference');
  if (input.ShadowProductionVariants?.length)
    throw notServed('ShadowProductionVariants', 'shadow tests');
  if (input.ExplainerConfig) throw notServed('ExplainerConfig', 'online explanations');
}

function checkNames(variants: readonly ProductionVariant[]): void {
  const names = variants.map(({ VariantName }) => VariantName);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw invalid(`The variant name "${twice}" was non-unique within the request.`);
}

function checkVariant(variant: ProductionVariant, context: OperationContext): void {
  const { VariantName, ModelName } = variant;
  if (ModelName === undefined) {
    throw notServed(`variant "${VariantName}" without a ModelName`, 'inference components');
  }
  if (variant.ManagedInstanceScaling !== undefined) {
    throw invalid('ManagedInstanceScaling is only supported for inference component endpoints.');
  }
  if (variant.AcceleratorType !== undefined)
    throw notServed('AcceleratorType', 'Elastic Inference, which AWS has ended');
  if (variant.InstancePools?.length) throw notServed('InstancePools', 'pools of instance types');
  checkCapacity(variant);
  findModel(context, ModelName);
}
