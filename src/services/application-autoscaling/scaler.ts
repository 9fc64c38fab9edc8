import { randomUUID } from 'node:crypto';
import { messageOf } from '../../errors.js';
import { type MetricStore, MINUTE_MS } from '../cloudwatch/metric-store.js';
import { periodsOf, statisticOf } from '../cloudwatch/statistics.js';
import type { ScalableTarget, ScalingActivity, ScalingParts, ScalingPolicy } from './context.js';
import { type Decision, decide, type MinuteValue } from './decide.js';
import { keyOf, variantOf } from './resource.js';

/** As far back as a decision looks, and one minute more for the one that is not over. */
const LOOK_BACK_MS = 20 * MINUTE_MS;

/** Activities that are remembered. */
const MOST_ACTIVITIES = 200;

/** Changes a variant's size, as UpdateEndpointWeightsAndCapacities does. */
export type Resize = (
  endpointName: string,
  variantName: string,
  instances: number,
) => Promise<unknown>;

/** Holds variants at their policies' targets. */
export class Scaler {
  readonly #parts: ScalingParts;
  readonly #metrics: MetricStore;
  readonly #resize: Resize;
  readonly #last = new Map<string, { out: number; any: number }>();

  constructor(parts: ScalingParts, metrics: MetricStore, resize: Resize) {
    this.#parts = parts;
    this.#metrics = metrics;
    this.#resize = resize;
  }

  /** Looks at every target once, and does what its policies ask for. */
  async evaluate(now: Date): Promise<void> {
    for (const target of this.#parts.targets.values()) await this.#evaluate(target, now);
  }

  async #evaluate(target: ScalableTarget, now: Date): Promise<void> {
    const { endpointName, variantName } = variantOf(target);
    const capacity = this.#parts.capacityOf(endpointName, variantName);
    if (capacity === undefined) return;
    const policies = this.#parts.policies
      .values()
      .filter((policy) => keyOf(policy) === keyOf(target));
    const decisions = policies.map((policy) => ({
      policy,
      decision: this.#decide(policy, target, capacity, now.getTime()),
    }));
    // Of several policies the one that wants the most instances; smaller only where all agree (developer guide).
    const most = decisions.reduce<{ policy: ScalingPolicy; decision: Decision } | undefined>(
      (best, { policy, decision }) =>
        decision !== undefined && decision.capacity > (best?.decision.capacity ?? 0)
          ? { policy, decision }
          : best,
      undefined,
    );
    if (most === undefined) return;
    const agreed = decisions.every(({ decision }) => decision !== undefined);
    if (most.decision.capacity < capacity && !agreed) return;
    await this.#act(target, most.policy, most.decision, capacity, now);
  }

  #decide(policy: ScalingPolicy, target: ScalableTarget, capacity: number, now: number) {
    const last = this.#last.get(keyOf(target));
    const times = { lastOut: last?.out ?? 0, lastAny: last?.any ?? 0, now };
    return decide({ policy, target, capacity, values: this.#valuesOf(policy, now), ...times });
  }

  #valuesOf(policy: ScalingPolicy, now: number): MinuteValue[] {
    const { CustomizedMetricSpecification: own } = policy.TargetTrackingScalingPolicyConfiguration;
    const { endpointName, variantName } = variantOf(policy);
    const metric = own
      ? {
          Namespace: own.Namespace ?? '',
          MetricName: own.MetricName ?? '',
          Dimensions: own.Dimensions ?? [],
        }
      : {
          Namespace: 'AWS/SageMaker',
          MetricName: 'InvocationsPerInstance',
          Dimensions: [
            { Name: 'EndpointName', Value: endpointName },
            { Name: 'VariantName', Value: variantName },
          ],
        };
    const statistic = statisticOf(own?.Statistic ?? 'Sum');
    const start = Math.floor((now - LOOK_BACK_MS) / MINUTE_MS) * MINUTE_MS;
    const range = { start, end: now, periodMs: MINUTE_MS };
    return periodsOf(this.#metrics.find(metric, own?.Unit), range).map(([minute, values]) => ({
      minute,
      value: statistic(values) ?? 0,
    }));
  }

  async #act(
    target: ScalableTarget,
    policy: ScalingPolicy,
    { capacity, cause }: Decision,
    before: number,
    now: Date,
  ): Promise<void> {
    const { endpointName, variantName } = variantOf(target);
    const { ServiceNamespace, ResourceId, ScalableDimension } = target;
    const activity = {
      ...{ ServiceNamespace, ResourceId, ScalableDimension, StartTime: now },
      ActivityId: randomUUID(),
      Description: `Setting desired instance count to ${capacity}.`,
      Cause: `${cause}: policy ${policy.PolicyName}`,
    };
    try {
      await this.#resize(endpointName, variantName, capacity);
      const last = this.#last.get(keyOf(target));
      const time = now.getTime();
      this.#last.set(keyOf(target), {
        out: capacity > before ? time : (last?.out ?? 0),
        any: time,
      });
      this.#note({
        ...activity,
        StatusCode: 'Successful',
        StatusMessage: `Successfully set desired instance count to ${capacity}.`,
        EndTime: now,
      });
    } catch (error) {
      this.#note({
        ...activity,
        StatusCode: 'Failed',
        StatusMessage: `Failed to set desired instance count to ${capacity}. Reason: ${messageOf(error)}`,
        EndTime: now,
      });
    }
  }

  #note(activity: ScalingActivity): void {
    const { activities } = this.#parts;
    activities.unshift(activity);
    activities.length = Math.min(activities.length, MOST_ACTIVITIES);
  }
}
