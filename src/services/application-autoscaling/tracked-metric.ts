import type { Metric } from '../cloudwatch/metric-store.js';
import { variantDimensions } from '../cloudwatch/resource-metrics.js';
import type { TrackingPolicy } from './context.js';
import { variantOf } from './resource.js';

/** Which metric a target tracking policy holds at its value, and by which statistic. */
export function trackedMetric(policy: TrackingPolicy): {
  readonly metric: Metric;
  readonly statistic: string;
  readonly unit: string | undefined;
} {
  const { CustomizedMetricSpecification: own } = policy.TargetTrackingScalingPolicyConfiguration;
  if (own !== undefined) {
    const { Namespace = '', MetricName = '', Dimensions = [], Statistic = 'Sum', Unit } = own;
    return { metric: { Namespace, MetricName, Dimensions }, statistic: Statistic, unit: Unit };
  }
  const { endpointName, variantName } = variantOf(policy);
  return {
    metric: {
      ...{ Namespace: 'AWS/SageMaker', MetricName: 'InvocationsPerInstance' },
      Dimensions: variantDimensions(endpointName, variantName),
    },
    statistic: 'Sum',
    unit: undefined,
  };
}
