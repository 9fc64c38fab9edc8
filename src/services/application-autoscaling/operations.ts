import type { ScalingOperation } from './context.js';
import {
  deleteScalingPolicy,
  describeScalingActivities,
  describeScalingPolicies,
  putScalingPolicy,
} from './policies.js';
import {
  deregisterScalableTarget,
  describeScalableTargets,
  registerScalableTarget,
} from './targets.js';

/** Every operation of Application Auto Scaling that smlocal serves, by its name on the wire. */
export const SCALING_OPERATIONS: ReadonlyMap<string, ScalingOperation<never>> = new Map<
  string,
  ScalingOperation<never>
>([
  ['RegisterScalableTarget', registerScalableTarget],
  ['DescribeScalableTargets', describeScalableTargets],
  ['DeregisterScalableTarget', deregisterScalableTarget],
  ['PutScalingPolicy', putScalingPolicy],
  ['DescribeScalingPolicies', describeScalingPolicies],
  ['DeleteScalingPolicy', deleteScalingPolicy],
  ['DescribeScalingActivities', describeScalingActivities],
]);
