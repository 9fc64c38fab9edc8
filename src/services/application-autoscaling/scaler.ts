import { type MetricStore, MINUTE_MS } from '../cloudwatch/metric-store.js';
import { periodsOf, statisticOf } from '../cloudwatch/statistics.js';
import type { CapacityChanges } from './capacity-changes.js';
import type { ScalableTarget, ScalingParts, TrackingPolicy } from './context.js';
import { type Decision, decide, type MinuteValue } from './decide.js';
import { keyOf, variantOf } from './resource.js';
import { trackedMetric } from './tracked-metric.js';

/** As far back as a decision looks, and one minute more for the one that is not over. */
const LOOK_BACK_MS = 20 * MINUTE_MS;

/** Holds variants at the targets of their target tracking policies. */
export class Scaler {
  readonly #parts: ScalingParts;
  readonly #metrics: MetricStore;
  readonly #changes: CapacityChanges;

  constructor(parts: ScalingParts, metrics: MetricStore, changes: CapacityChanges) {
    this.#parts = parts;
    this.#metrics = metrics;
    this.#changes = changes;
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
      .filter((policy) => policy.PolicyType === 'TargetTrackingScaling')
      .filter((policy) => keyOf(policy) === keyOf(target));
    const decisions = policies.map((policy) => ({
      policy,
      decision: this.#decide(policy, target, capacity, now.getTime()),
    }));
    // Of several policies the one that wants the most instances; smaller only where all agree (developer guide).
    const most = decisions.reduce<{ policy: TrackingPolicy; decision: Decision } | undefined>(
      (best, { policy, decision }) =>
        decision !== undefined && decision.capacity > (best?.decision.capacity ?? 0)
          ? { policy, decision }
          : best,
      undefined,
    );
    if (most === undefined) return;
    const agreed = decisions.every(({ decision }) => decision !== undefined);
    if (most.decision.capacity < capacity && !agreed) return;
    const { policy, decision } = most;
    const cause = `${decision.cause}: policy ${policy.PolicyName}`;
    const change = { before: capacity, base: capacity, capacity: decision.capacity, cause };
    await this.#changes.make(target, change, now);
  }

  #decide(policy: TrackingPolicy, target: ScalableTarget, capacity: number, now: number) {
    const last = this.#changes.last(target);
    const times = { lastOut: last.out.time, lastAny: last.any, now };
    return decide({ policy, target, capacity, values: this.#valuesOf(policy, now), ...times });
  }

  #valuesOf(policy: TrackingPolicy, now: number): MinuteValue[] {
    const { metric, statistic: name, unit } = trackedMetric(policy);
    const statistic = statisticOf(name);
    const start = Math.floor((now - LOOK_BACK_MS) / MINUTE_MS) * MINUTE_MS;
    const range = { start, end: now, periodMs: MINUTE_MS };
    return periodsOf(this.#metrics.find(metric, unit), range).map(([minute, values]) => ({
      minute,
      value: statistic(values) ?? 0,
    }));
  }
}
