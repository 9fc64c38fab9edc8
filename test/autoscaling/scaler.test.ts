import { expect, test } from 'vitest';
import {
  CapacityChanges,
  type Resize,
} from '../../src/services/application-autoscaling/capacity-changes.js';
import type {
  ScalableTarget,
  ScalingParts,
  ScalingPolicy,
  TargetTracking,
} from '../../src/services/application-autoscaling/context.js';
import { Scaler } from '../../src/services/application-autoscaling/scaler.js';
import { Alarms } from '../../src/services/cloudwatch/alarms.js';
import { InvocationMetrics } from '../../src/services/cloudwatch/invocation-metrics.js';
import { MetricStore } from '../../src/services/cloudwatch/metric-store.js';
import type { Collection } from '../../src/state/store.js';

const MINUTE = 60_000;
const SCALED = {
  ServiceNamespace: 'sagemaker',
  ResourceId: 'endpoint/e/variant/v',
  ScalableDimension: 'sagemaker:variant:DesiredInstanceCount',
};

const holding = <T>(...values: T[]) =>
  ({ values: () => values }) as Partial<Collection<T>> as Collection<T>;

const policy = (PolicyName: string, more: Partial<TargetTracking>): ScalingPolicy => ({
  ...SCALED,
  ...{ PolicyName, PolicyARN: '', PolicyType: 'TargetTrackingScaling', CreationTime: new Date(0) },
  TargetTrackingScalingPolicyConfiguration: { TargetValue: 70, ...more },
});

/** A variant whose size the scaler changes, called so many times each minute. */
function variant(...policies: ScalingPolicy[]) {
  const metrics = new MetricStore();
  const invocations = new InvocationMetrics(metrics);
  const target: ScalableTarget = {
    ...SCALED,
    ...{ MinCapacity: 1, MaxCapacity: 4, RoleARN: '', ScalableTargetARN: '', SuspendedState: {} },
    CreationTime: new Date(0),
  };
  const state = { capacity: 1, refuses: false };
  const parts: ScalingParts = {
    ...{ targets: holding(target), policies: holding(...policies), activities: [] },
    alarms: new Alarms(holding(), metrics),
    capacityOf: () => state.capacity,
  };
  const resize: Resize = async (endpointName, variantName, instances) => {
    if (state.refuses) throw new Error('Cannot update in-progress endpoint.');
    expect([endpointName, variantName]).toEqual(['e', 'v']);
    state.capacity = instances;
  };
  const scaler = new Scaler(parts, metrics, new CapacityChanges(parts.activities, resize));
  let minute = 1_000_000;
  const pass = async (minutes: number, calls: number) => {
    for (let passed = 0; passed < minutes; passed += 1) {
      for (let call = 0; call < calls; call += 1) {
        invocations.record(
          {
            ...{ endpointName: 'e', variantName: 'v', instances: state.capacity },
            ...{ statusCode: 200, modelMs: 1, totalMs: 2 },
          },
          minute * MINUTE + 30_000,
        );
      }
      minute += 1;
      await scaler.evaluate(new Date(minute * MINUTE + 1_000));
    }
  };
  return { pass, state, parts };
}

const INVOCATIONS = {
  PredefinedMetricSpecification: {
    PredefinedMetricType: 'SageMakerVariantInvocationsPerInstance',
  },
};

test('A variant follows its calls per instance: larger after three minutes, smaller after fifteen, between its bounds', async () => {
  const { pass, state, parts } = variant(policy('p', INVOCATIONS));
  await pass(2, 200);
  expect(state.capacity).toBe(1);
  await pass(1, 200);
  expect(state.capacity).toBe(3);
  await pass(10, 200);
  expect(state.capacity).toBe(3);
  await pass(10, 600);
  expect(state.capacity).toBe(4);
  await pass(14, 50);
  expect(state.capacity).toBe(4);
  await pass(2, 50);
  expect(state.capacity).toBe(1);
  await pass(30, 0);
  expect(state.capacity).toBe(1);
  expect(parts.activities.map(({ Description }) => Description)).toEqual(
    [1, 4, 3].map((count) => `Setting desired instance count to ${count}.`),
  );
});

test('What cannot be done now is noted, and tried again', async () => {
  const { pass, state, parts } = variant(policy('p', INVOCATIONS));
  state.refuses = true;
  await pass(3, 200);
  expect(parts.activities[0]).toMatchObject({
    StatusCode: 'Failed',
    StatusMessage: expect.stringContaining('Cannot update in-progress endpoint.'),
  });
  state.refuses = false;
  await pass(1, 200);
  expect(state.capacity).toBe(3);
});

test('Of two policies the one that wants more decides, and a variant is made smaller only where both agree', async () => {
  const errors = {
    Namespace: 'AWS/SageMaker',
    MetricName: 'Invocation5XXErrors',
    Statistic: 'SampleCount',
  };
  const { pass, state } = variant(
    policy('calls', INVOCATIONS),
    policy('own', {
      ...{ TargetValue: 20 },
      CustomizedMetricSpecification: {
        ...errors,
        Dimensions: [
          { Name: 'EndpointName', Value: 'e' },
          { Name: 'VariantName', Value: 'v' },
        ],
      },
    }),
  );
  await pass(3, 75);
  expect(state.capacity).toBe(4);
  // Well below the one's target now, and still above the other's.
  await pass(20, 30);
  expect(state.capacity).toBe(4);
});
