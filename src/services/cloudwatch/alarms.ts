import { EventEmitter } from 'node:events';
import type { Collection } from '../../state/store.js';
import { type Alarm, type AlarmRule, actionsOf, type Verdict } from './alarm.js';
import { type Datapoint, evaluateAlarm, periodsToLookAt } from './evaluate-alarm.js';
import { type MetricStore, MINUTE_MS } from './metric-store.js';
import { periodsOf, statisticOf } from './statistics.js';

interface AlarmEvents {
  /** An alarm does what it is to do in its state. */
  actions: [alarm: Alarm, actions: readonly string[]];
}

/** Metric alarms: kept on the disk, looked at whenever {@link Alarms.evaluate} is called. */
export class Alarms extends EventEmitter<AlarmEvents> {
  readonly #collection: Collection<Alarm>;
  readonly #metrics: MetricStore;
  /** When each has last done something: one that stays in its state does it again every minute, as those of auto scaling do. */
  readonly #acted = new Map<string, number>();

  constructor(collection: Collection<Alarm>, metrics: MetricStore) {
    super();
    this.#collection = collection;
    this.#metrics = metrics;
  }

  get(name: string): Alarm | undefined {
    return this.#collection.get(name);
  }

  /** In the order of their names. */
  values(): Alarm[] {
    return this.#collection.values().sort((a, b) => (a.AlarmName < b.AlarmName ? -1 : 1));
  }

  /** Those that do something with this resource. */
  actingOn(arn: string): Alarm[] {
    return this.values().filter((alarm) =>
      [alarm.AlarmActions, alarm.OKActions, alarm.InsufficientDataActions].some((actions) =>
        actions.includes(arn),
      ),
    );
  }

  /** Makes or changes one; its state stays until it is looked at. */
  async put(alarm: Alarm): Promise<void> {
    await this.#collection.put(alarm.AlarmName, alarm);
  }

  async delete(name: string): Promise<void> {
    this.#acted.delete(name);
    if (this.get(name) !== undefined) await this.#collection.delete(name);
  }

  /** Looks at every alarm once. */
  async evaluate(now: Date): Promise<void> {
    for (const alarm of this.values()) {
      const verdict = evaluateAlarm(alarm, this.#pointsOf(alarm, now.getTime()));
      if (verdict !== undefined) await this.setState(alarm.AlarmName, verdict, now);
      else this.#act(alarm, false, now.getTime());
    }
  }

  /** Puts an alarm into a state, which it leaves by itself when it is looked at and finds another. */
  async setState(name: string, verdict: Verdict, now: Date): Promise<void> {
    const before = this.get(name);
    if (before === undefined) return;
    const moved = before.StateValue !== verdict.StateValue;
    const alarm: Alarm = {
      ...before,
      StateReasonData: undefined,
      ...verdict,
      StateUpdatedTimestamp: now,
      StateTransitionedTimestamp: moved ? now : before.StateTransitionedTimestamp,
    };
    // What only says the same of newer values is not worth a write.
    if (moved || before.StateReasonData !== alarm.StateReasonData) await this.put(alarm);
    this.#act(alarm, moved, now.getTime());
  }

  #act(alarm: Alarm, moved: boolean, now: number): void {
    const actions = actionsOf(alarm);
    const last = this.#acted.get(alarm.AlarmName) ?? 0;
    if (actions.length === 0 || (!moved && now - last < MINUTE_MS)) return;
    this.#acted.set(alarm.AlarmName, now);
    this.emit('actions', alarm, actions);
  }

  #pointsOf(rule: AlarmRule, now: number): Datapoint[] {
    const periodMs = rule.Period * 1000;
    const count = periodsToLookAt(rule);
    const end = Math.floor(now / periodMs) * periodMs;
    const start = end - count * periodMs;
    const statistic = statisticOf(rule.Statistic ?? rule.ExtendedStatistic ?? '');
    const series = this.#metrics.find(rule, rule.Unit);
    const values = new Map(periodsOf(series, { start, end, periodMs }));
    return Array.from({ length: count }, (_, age) => {
      const time = end - (age + 1) * periodMs;
      const known = values.get(time);
      return { time, value: known && statistic(known) };
    });
  }
}
