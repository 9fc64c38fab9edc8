import { randomUUID } from 'node:crypto';
import { partitionOf } from '../../hosting/arn.js';
import type {
  Scaled,
  ScalingContext,
  ScalingOperation,
  ScalingPolicy,
  TargetTracking,
} from './context.js';
import { type Paged, pageOf } from './paging.js';
import { invalid, keyOf, notFound, refuseOtherServices, variantOf } from './resource.js';
import { checkedSteps, type StepScaling } from './step-policy.js';
import { policyKeyOf } from './targets.js';
import { alarmsOf, deleteTrackingAlarms, makeTrackingAlarms } from './tracking-alarms.js';

/** The predefined metric of real-time variants that is measured here. */
export const INVOCATIONS_PER_INSTANCE = 'SageMakerVariantInvocationsPerInstance';

interface PutInput extends Scaled {
  readonly PolicyName: string;
  readonly PolicyType?: string;
  readonly TargetTrackingScalingPolicyConfiguration?: TargetTracking;
  readonly StepScalingPolicyConfiguration?: Partial<StepScaling>;
}

/**
 * PutScalingPolicy: target tracking, on the invocations per instance or one metric of one's own, and steps, which alarms call;
 * also changes one that is there. Gaps: predictive scaling and metric math are refused by name.
 */
export const putScalingPolicy: ScalingOperation<PutInput> = async (input, context) => {
  variantOf(input);
  const { caller, targets, policies, now, alarms } = context;
  const known = policies.get(policyKeyOf(input));
  const configuration = configurationOf(input, known);
  if (targets.get(keyOf(input)) === undefined) throw notFound('scalable target', input);
  const { ServiceNamespace, ResourceId, ScalableDimension, PolicyName } = input;
  const { region, accountId } = caller;
  const policy: ScalingPolicy = {
    ...{ ServiceNamespace, ResourceId, ScalableDimension, PolicyName },
    PolicyARN:
      known?.PolicyARN ??
      `arn:${partitionOf(region)}:autoscaling:${region}:${accountId}:scalingPolicy:${randomUUID()}:resource/sagemaker/${ResourceId}:policyName/${PolicyName}`,
    ...configuration,
    CreationTime: known?.CreationTime ?? now,
  };
  await policies.put(policyKeyOf(policy), policy);
  await renewAlarms(policy, context);
  return { PolicyARN: policy.PolicyARN, Alarms: alarmsOf(alarms, policy) };
};

async function renewAlarms(
  policy: ScalingPolicy,
  { alarms, caller, now }: Pick<ScalingContext, 'alarms' | 'caller' | 'now'>,
): Promise<void> {
  await deleteTrackingAlarms(alarms, policy);
  if (policy.PolicyType === 'TargetTrackingScaling') {
    await makeTrackingAlarms(alarms, policy, caller, now);
  }
}

type Configuration =
  | Pick<
      Extract<ScalingPolicy, { PolicyType: 'TargetTrackingScaling' }>,
      'PolicyType' | 'TargetTrackingScalingPolicyConfiguration'
    >
  | Pick<
      Extract<ScalingPolicy, { PolicyType: 'StepScaling' }>,
      'PolicyType' | 'StepScalingPolicyConfiguration'
    >;

function configurationOf(input: PutInput, known: ScalingPolicy | undefined): Configuration {
  const PolicyType = input.PolicyType ?? known?.PolicyType ?? 'StepScaling';
  if (PolicyType === 'TargetTrackingScaling') {
    return { PolicyType, TargetTrackingScalingPolicyConfiguration: trackingOf(input) };
  }
  if (PolicyType === 'StepScaling') {
    const StepScalingPolicyConfiguration = checkedSteps(input.StepScalingPolicyConfiguration);
    return { PolicyType, StepScalingPolicyConfiguration };
  }
  throw invalid(`smlocal scales by target tracking and by steps, and not by ${PolicyType}.`);
}

function trackingOf(input: PutInput): TargetTracking {
  const { TargetTrackingScalingPolicyConfiguration: tracking } = input;
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
  { policies, alarms },
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
  return {
    ScalingPolicies: page.map((policy) => ({ ...policy, Alarms: alarmsOf(alarms, policy) })),
    NextToken,
  };
};

/** DeleteScalingPolicy. Gaps: none known. */
export const deleteScalingPolicy: ScalingOperation<Scaled & { PolicyName: string }> = async (
  input,
  { policies, alarms },
) => {
  variantOf(input);
  const found = policies.get(policyKeyOf(input));
  if (found === undefined) throw notFound('scaling policy', input);
  await deleteTrackingAlarms(alarms, found);
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
