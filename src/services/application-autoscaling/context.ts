import type { Caller } from '../../hosting/arn.js';
import type { Collection } from '../../state/store.js';
import type { Alarms } from '../cloudwatch/alarms.js';
import type { StepScaling } from './step-policy.js';

/** What every target and policy of a variant names. */
export interface Scaled {
  readonly ServiceNamespace: string;
  /** `endpoint/NAME/variant/NAME` */
  readonly ResourceId: string;
  readonly ScalableDimension: string;
}

interface SuspendedState {
  readonly DynamicScalingInSuspended?: boolean;
  readonly DynamicScalingOutSuspended?: boolean;
  readonly ScheduledScalingSuspended?: boolean;
}

/** A variant that may be scaled, and between which bounds. */
export interface ScalableTarget extends Scaled {
  readonly MinCapacity: number;
  readonly MaxCapacity: number;
  readonly RoleARN: string;
  readonly CreationTime: Date;
  readonly SuspendedState: SuspendedState;
  readonly ScalableTargetARN: string;
}

/** A metric to be held at a value. */
export interface TargetTracking {
  readonly TargetValue: number;
  readonly PredefinedMetricSpecification?: { readonly PredefinedMetricType: string };
  readonly CustomizedMetricSpecification?: {
    readonly MetricName?: string;
    readonly Namespace?: string;
    readonly Dimensions?: readonly { readonly Name: string; readonly Value: string }[];
    readonly Statistic?: string;
    readonly Unit?: string;
    readonly Metrics?: readonly unknown[];
  };
  readonly ScaleOutCooldown?: number;
  readonly ScaleInCooldown?: number;
  readonly DisableScaleIn?: boolean;
}

interface PolicyBase extends Scaled {
  readonly PolicyARN: string;
  readonly PolicyName: string;
  readonly CreationTime: Date;
}

export interface TrackingPolicy extends PolicyBase {
  readonly PolicyType: 'TargetTrackingScaling';
  readonly TargetTrackingScalingPolicyConfiguration: TargetTracking;
}

interface StepPolicy extends PolicyBase {
  readonly PolicyType: 'StepScaling';
  readonly StepScalingPolicyConfiguration: StepScaling;
}

export type ScalingPolicy = TrackingPolicy | StepPolicy;

/** Something that was done, or tried, to a variant's size. */
export interface ScalingActivity extends Scaled {
  readonly ActivityId: string;
  readonly Description: string;
  readonly Cause: string;
  readonly StartTime: Date;
  readonly EndTime?: Date;
  readonly StatusCode: 'Successful' | 'Failed';
  readonly StatusMessage: string;
}

export interface ScalingParts {
  readonly targets: Collection<ScalableTarget>;
  readonly policies: Collection<ScalingPolicy>;
  /** Those of CloudWatch: they call step policies, and show how target tracking stands. */
  readonly alarms: Alarms;
  /** The newest first, within bounds, in memory. */
  readonly activities: ScalingActivity[];
  /** How many instances a variant has now; undefined where there is no such variant. */
  readonly capacityOf: (endpointName: string, variantName: string) => number | undefined;
}

export interface ScalingContext extends ScalingParts {
  readonly caller: Caller;
  readonly now: Date;
}

/** One operation: its input has been checked against the service model; its output is serialised by it. */
export type ScalingOperation<Input> = (
  input: Input,
  context: ScalingContext,
) => Promise<object | undefined>;
