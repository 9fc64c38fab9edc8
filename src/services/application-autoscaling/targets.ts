import { createHash } from 'node:crypto';
import { partitionOf } from '../../hosting/arn.js';
import type { ScalableTarget, Scaled, ScalingOperation, ScalingParts } from './context.js';
import { type Paged, pageOf } from './paging.js';
import { invalid, keyOf, notFound, refuseOtherServices, variantOf } from './resource.js';
import { deleteTrackingAlarms } from './tracking-alarms.js';

interface RegisterInput extends Scaled {
  readonly MinCapacity?: number;
  readonly MaxCapacity?: number;
  readonly RoleARN?: string;
  readonly SuspendedState?: ScalableTarget['SuspendedState'];
}

/** RegisterScalableTarget: also changes one that is there. Gaps: tags are not kept; the role is shown, without effect. */
export const registerScalableTarget: ScalingOperation<RegisterInput> = async (input, context) => {
  const { endpointName, variantName } = variantOf(input);
  const { caller, targets, now } = context;
  if (context.capacityOf(endpointName, variantName) === undefined) {
    throw invalid(`Resource does not exist: ${input.ResourceId}`);
  }
  const known = targets.get(keyOf(input));
  const { ServiceNamespace, ResourceId, ScalableDimension } = input;
  const target: ScalableTarget = {
    ...{ ServiceNamespace, ResourceId, ScalableDimension },
    MinCapacity: needed('MinCapacity', input.MinCapacity ?? known?.MinCapacity),
    MaxCapacity: needed('MaxCapacity', input.MaxCapacity ?? known?.MaxCapacity),
    RoleARN: input.RoleARN ?? known?.RoleARN ?? serviceRole(caller.region, caller.accountId),
    CreationTime: known?.CreationTime ?? now,
    SuspendedState: { ...NOTHING_SUSPENDED, ...known?.SuspendedState, ...input.SuspendedState },
    ScalableTargetARN: known?.ScalableTargetARN ?? arnOf(input, caller.region, caller.accountId),
  };
  if (target.MinCapacity < 1) {
    throw invalid('Minimum capacity must be at least 1: smlocal scales no variant to zero.');
  }
  if (target.MinCapacity > target.MaxCapacity) {
    throw invalid('Maximum capacity cannot be less than minimum capacity');
  }
  await targets.put(keyOf(input), target);
  return { ScalableTargetARN: target.ScalableTargetARN };
};

interface DescribeInput extends Paged {
  readonly ServiceNamespace: string;
  readonly ResourceIds?: readonly string[];
  readonly ScalableDimension?: string;
}

/** DescribeScalableTargets. Gaps: none known. */
export const describeScalableTargets: ScalingOperation<DescribeInput> = async (
  input,
  { targets },
) => {
  refuseOtherServices(input.ServiceNamespace);
  const found = targets
    .values()
    .filter(
      ({ ResourceId, ScalableDimension }) =>
        (input.ResourceIds?.includes(ResourceId) ?? true) &&
        (input.ScalableDimension ?? ScalableDimension) === ScalableDimension,
    )
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const { page, NextToken } = pageOf(found, input);
  return { ScalableTargets: page, NextToken };
};

/** DeregisterScalableTarget: its policies go with it. Gaps: none known. */
export const deregisterScalableTarget: ScalingOperation<Scaled> = async (input, context) => {
  variantOf(input);
  const found = context.targets.get(keyOf(input));
  if (found === undefined) throw notFound('scalable target', input);
  await deregister(found, context);
  return {};
};

/** Takes a target and its policies away, as DeleteEndpoint does with those of its variants. */
export async function deregister(
  target: ScalableTarget,
  { targets, policies, alarms }: Pick<ScalingParts, 'targets' | 'policies' | 'alarms'>,
): Promise<void> {
  const own = policies.values().filter((policy) => keyOf(policy) === keyOf(target));
  for (const policy of own) {
    await deleteTrackingAlarms(alarms, policy);
    await policies.delete(policyKeyOf(policy));
  }
  await targets.delete(keyOf(target));
}

/** What a policy is kept under. */
export function policyKeyOf(policy: Scaled & { readonly PolicyName: string }): string {
  return `${keyOf(policy)} ${policy.PolicyName}`;
}

const NOTHING_SUSPENDED = {
  DynamicScalingInSuspended: false,
  DynamicScalingOutSuspended: false,
  ScheduledScalingSuspended: false,
};

function needed(name: string, value: number | undefined): number {
  if (value === undefined) throw invalid(`${name} is required for a scalable target that is new.`);
  return value;
}

/** The service-linked role that the service makes for SageMaker (developer guide). */
function serviceRole(region: string, accountId: string): string {
  return `arn:${partitionOf(region)}:iam::${accountId}:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint`;
}

function arnOf(scaled: Scaled, region: string, accountId: string): string {
  const id = createHash('sha256').update(keyOf(scaled)).digest('hex').slice(0, 40);
  return `arn:${partitionOf(region)}:application-autoscaling:${region}:${accountId}:scalable-target/${id}`;
}
