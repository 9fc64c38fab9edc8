import { type Alarm, datapointsOf } from '../cloudwatch/alarm.js';
import type { CapacityChange, CapacityChanges } from './capacity-changes.js';
import type { ScalableTarget, ScalingParts, ScalingPolicy } from './context.js';
import { decideStep } from './decide-step.js';
import { keyOf, variantOf } from './resource.js';

/** An alarm that has called a policy. */
interface Call {
  readonly alarm: Alarm;
  readonly policy: ScalingPolicy;
}

/** The API reference of SetAlarmState asks for them, too. */
const NO_VALUES =
  'The alarm was set without values to choose a step by: SetAlarmState needs StateReasonData with recentDatapoints, {"recentDatapoints":[12.5]} say.';

/** Does what step policies ask for when alarms call them. */
export class StepScaler {
  readonly #parts: ScalingParts;
  readonly #changes: CapacityChanges;
  #calls: Call[] = [];
  #working: Promise<void> = Promise.resolve();

  constructor(parts: ScalingParts, changes: CapacityChanges) {
    this.#parts = parts;
    this.#changes = changes;
  }

  /** Takes note of what an alarm calls, and returns at once. Actions that are no step policies of ours are passed over. */
  called(alarm: Alarm, actions: readonly string[], now: Date): Promise<void> {
    const policies = this.#parts.policies.values();
    const calls = actions.flatMap((arn) => {
      const policy = policies.find(({ PolicyARN }) => PolicyARN === arn);
      return policy?.PolicyType === 'StepScaling' ? { alarm, policy } : [];
    });
    this.#calls.push(...calls);
    this.#working = this.#working.catch(() => undefined).then(() => this.#work(now));
    return this.#working;
  }

  /** Of several policies that were called for one variant the one that wants the most instances (API reference). */
  async #work(now: Date): Promise<void> {
    const calls = this.#calls;
    this.#calls = [];
    for (const target of this.#parts.targets.values()) {
      const changes = calls
        .filter(({ policy }) => keyOf(policy) === keyOf(target))
        .flatMap((call) => this.#decide(call, target, now) ?? []);
      const [most] = changes.sort((a, b) => b.capacity - a.capacity);
      if (most !== undefined) await this.#changes.make(target, most, now);
    }
  }

  #decide({ alarm, policy }: Call, target: ScalableTarget, now: Date): CapacityChange | undefined {
    const { endpointName, variantName } = variantOf(target);
    const before = this.#parts.capacityOf(endpointName, variantName);
    if (before === undefined || policy.PolicyType !== 'StepScaling') return undefined;
    // In the service's own words.
    const cause = `monitor alarm ${alarm.AlarmName} in state ${alarm.StateValue} triggered policy ${policy.PolicyName}`;
    if (alarm.StateReasonData === undefined) {
      this.#changes.refuse(target, cause, NO_VALUES, now);
      return undefined;
    }
    const last = this.#changes.last(target);
    const decision = decideStep({
      ...{ policy: policy.StepScalingPolicyConfiguration, target, capacity: before },
      ...{ datapoints: datapointsOf(alarm), threshold: alarm.Threshold },
      below: alarm.ComparisonOperator.startsWith('LessThan'),
      ...{ lastOut: last.out, lastAny: last.any, now: now.getTime() },
    });
    if (decision === undefined) return undefined;
    return { before, ...decision, cause };
  }
}
