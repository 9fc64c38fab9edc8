import { randomUUID } from 'node:crypto';
import { partitionOf } from '../../hosting/arn.js';
import type { Scaled, ScalingOperation, ScalingPolicy, TargetTracking } from './context.js';
import { type Paged, pageOf } from './paging.js';
import { invalid, keyOf, notFound, refuseOtherServices, variantOf } from './resource.js';
import { policyKeyOf } from './targets.js';

/** The predefined metric of real-time variants that is measured here. */
export const INVOCATIONS_PER_INSTANCE = 'SageMakerVariantInvocationsPerInstance';

interface PutInput extends Scaled {
  readonly PolicyName: string;
  readonly PolicyType?: string;
  readonly TargetTrackingScalingPolicyConfiguration?: TargetTracking;
}

/**
 * PutScalingPolicy: target tracking, on the invocations per instance or one metric of one's own; also changes one that is there.
 * Gaps: step, scheduled and predictive scaling and metric math are refused by name; no alarms are made.
 */
export const putScalingPolicy: ScalingOperation<PutInput> = async (input, context) => {
  variantOf(input);
  const { caller, targets, policies, now } = context;
  const tracking = trackingOf(input);
  if (targets.get(keyOf(input)) === undefined) throw notFound('scalable target', input);
  const { ServiceNamespace, ResourceId, ScalableDimension, PolicyName } = input;
  const known = policies.get(policyKeyOf(input));
  const { region, accountId } = caller;
  const policy: ScalingPolicy = {
    ...{ ServiceNamespace, ResourceId, ScalableDimension, PolicyName },
    PolicyARN:
      known?.PolicyARN ??
      `arn:${partitionOf(region)}:autoscaling:${region}:${accountId}:scalingPolicy:${randomUUID()}:resource/sagemaker/${ResourceId}:policyName/${PolicyName}`,
    PolicyType: 'TargetTrackingScaling',
    TargetTrackingScalingPolicyConfiguration: tracking,
    CreationTime: known?.CreationTime ?? now,
  };
  await policies.put(policyKeyOf(policy), policy);
  return { PolicyARN: policy.PolicyARN, Alarms: [] };
};

function trackingOf(input: PutInput): TargetTracking {
  const { PolicyType, TargetTrackingScalingPolicyConfiguration: tracking } = input;
  if (PolicyType !== 'TargetTrackingScaling') {
    throw invalid(`smlocal scales by target tracking, and not by ${PolicyType ?? 'StepScaling'}.`);
  }
  if (tracking === undefined) {
    throw invalid(
      'TargetTrackingScalingPolicyConfiguration is required for TargetTrackingScaling.',
    );
  }
  const { PredefinedMetricSpecification: predefined, CustomizedMetricSpecification: own } =
    tracking;
  if ((predefined === undefined) === (own === undefined)) {
    throw invalid('Specify either a predefined or a customized metric.');
  }
  if (predefined !== undefined && predefined.PredefinedMetricType !== INVOCATIONS_PER_INSTANCE) {
    throw invalid(
      `smlocal scales by ${INVOCATIONS_PER_INSTANCE}, and not by ${predefined.PredefinedMetricType}.`,
    );
  }
  if (own !== undefined && (own.Metrics !== undefined || !own.Namespace || !own.MetricName)) {
    throw invalid('smlocal scales by one metric, named by Namespace and MetricName, without math.');
  }
  if (!(tracking.TargetValue > 0)) throw invalid('The target value must be greater than zero.');
  return tracking;
}

interface DescribeInput extends Paged {
  readonly ServiceNamespace: string;
  readonly PolicyNames?: readonly string[];
  readonly ResourceId?: string;
  readonly ScalableDimension?: string;
}

/** DescribeScalingPolicies. Gaps: none known. */
export const describeScalingPolicies: ScalingOperation<DescribeInput> = async (
  input,
  { policies },
) => {
  refuseOtherServices(input.ServiceNamespace);
  const found = policies
    .values()
    .filter(
      (policy) =>
        (input.PolicyNames?.includes(policy.PolicyName) ?? true) &&
        (input.ResourceId ?? policy.ResourceId) === policy.ResourceId &&
        (input.ScalableDimension ?? policy.ScalableDimension) === policy.ScalableDimension,
    )
    .sort((a, b) => (policyKeyOf(a) < policyKeyOf(b) ? -1 : 1));
  const { page, NextToken } = pageOf(found, input);
  return { ScalingPolicies: page.map((policy) => ({ ...policy, Alarms: [] })), NextToken };
};

/** DeleteScalingPolicy. Gaps: none known. */
export const deleteScalingPolicy: ScalingOperation<Scaled & { PolicyName: string }> = async (
  input,
  { policies },
) => {
  variantOf(input);
  if (policies.get(policyKeyOf(input)) === undefined) throw notFound('scaling policy', input);
  await policies.delete(policyKeyOf(input));
  return {};
};

interface ActivitiesInput extends Paged {
  readonly ServiceNamespace: string;
  readonly ResourceId?: string;
}

/** DescribeScalingActivities. Gaps: those since smlocal started; what was not scaled is not told. */
export const describeScalingActivities: ScalingOperation<ActivitiesInput> = async (
  input,
  { activities },
) => {
  refuseOtherServices(input.ServiceNamespace);
  const found = activities.filter(
    ({ ResourceId }) => (input.ResourceId ?? ResourceId) === ResourceId,
  );
  const { page, NextToken } = pageOf(found, input);
  return { ScalingActivities: page, NextToken };
};
