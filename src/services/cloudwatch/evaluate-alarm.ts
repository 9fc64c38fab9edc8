import { type AlarmRule, type AlarmState, COMPARISONS, type Verdict } from './alarm.js';

/** A period's value; undefined where it has none. */
export interface Datapoint {
  /** When the period began, in milliseconds. */
  readonly time: number;
  readonly value: number | undefined;
}

/** A known one. */
interface Known {
  readonly time: number;
  readonly value: number;
  /** How many periods lie between it and now. */
  readonly age: number;
}

/** Periods beyond those that count that are looked at for values, in place of missing ones: so the guide's example has it. */
const MORE_PERIODS = 2;

/** How many periods {@link evaluateAlarm} has to be given. */
export function periodsToLookAt({ EvaluationPeriods }: AlarmRule): number {
  return EvaluationPeriods + MORE_PERIODS;
}

/**
 * What an alarm says, by the user guide's rules: M of the newest N values breach the threshold, and what is missing is treated
 * as it says.
 *
 * @param points the last whole periods, the newest first
 * @returns undefined where it stays as it is
 */
export function evaluateAlarm(rule: AlarmRule, points: readonly Datapoint[]): Verdict | undefined {
  const known = points
    .flatMap(({ time, value }, age) => (value === undefined ? [] : { time, value, age }))
    .slice(0, rule.EvaluationPeriods);
  const state = stateOf(rule, known);
  if (state === undefined) return undefined;
  if (known.length === 0) return { StateValue: state, ...unknownReason(rule, state) };
  return { StateValue: state, ...reasonOf(rule, known) };
}

function stateOf(rule: AlarmRule, known: readonly Known[]): AlarmState | undefined {
  const { EvaluationPeriods, DatapointsToAlarm = EvaluationPeriods } = rule;
  const treat = rule.TreatMissingData ?? 'missing';
  const missing = EvaluationPeriods - known.length;
  const breaching = known.filter(({ value }) => breaches(rule, value));
  const filled = treat === 'breaching' ? missing : 0;
  if (breaching.length + filled >= DatapointsToAlarm) return 'ALARM';
  if (missing === 0 || treat === 'breaching' || treat === 'notBreaching') return 'OK';
  if (breaching.length < known.length) return 'OK';
  if (treat === 'ignore') return undefined;
  if (known.length === 0) return 'INSUFFICIENT_DATA';
  // Whatever came after the oldest breach was a breach or nothing, for long enough.
  return (known.at(-1)?.age ?? 0) >= DatapointsToAlarm - 1 ? 'ALARM' : undefined;
}

function breaches({ ComparisonOperator, Threshold }: AlarmRule, value: number): boolean {
  return COMPARISONS[ComparisonOperator].holds(value, Threshold);
}

/** In the service's own words, as they are seen in its notifications. */
function reasonOf(rule: AlarmRule, known: readonly Known[]): Omit<Verdict, 'StateValue'> {
  const breaching = known.filter(({ value }) => breaches(rule, value));
  const quoted = breaching.length > 0 ? breaching : known;
  const values = quoted.slice(0, 5).map(({ value, time }) => `${decimal(value)} (${dated(time)})`);
  const one = quoted.length === 1;
  const many = one ? '1 datapoint' : `${quoted.length} datapoints`;
  const compared = COMPARISONS[rule.ComparisonOperator].words;
  const not = breaching.length > 0 ? '' : 'not ';
  return {
    StateReason: `Threshold Crossed: ${many} [${values.join(', ')}] ${one ? 'was' : 'were'} ${not}${compared} the threshold (${decimal(rule.Threshold)}).`,
    StateReasonData: dataOf(
      rule,
      known.map(({ value }) => value),
      known.at(-1)?.time,
    ),
  };
}

function unknownReason(rule: AlarmRule, state: AlarmState): Omit<Verdict, 'StateValue'> {
  const { EvaluationPeriods: count } = rule;
  const many = count === 1 ? '1 datapoint was' : `${count} datapoints were`;
  const treated =
    state === 'INSUFFICIENT_DATA'
      ? 'unknown'
      : `missing and treated as [${state === 'ALARM' ? 'Breaching' : 'NonBreaching'}]`;
  const about = state === 'INSUFFICIENT_DATA' ? 'Insufficient Data' : 'no datapoints were received';
  return {
    StateReason: `${about}: ${many} ${treated}.`,
    StateReasonData: dataOf(rule, [], undefined),
  };
}

function dataOf(rule: AlarmRule, values: readonly number[], startTime: number | undefined): string {
  return JSON.stringify({
    version: '1.0',
    ...(startTime === undefined ? {} : { startDate: new Date(startTime).toISOString() }),
    statistic: rule.Statistic ?? rule.ExtendedStatistic,
    period: rule.Period,
    // The oldest first; of many the newest, for the service's model has 4,000 characters for all.
    recentDatapoints: values.slice(0, 100).toReversed(),
    threshold: rule.Threshold,
  });
}

/** A whole number has one decimal in the service's texts. */
function decimal(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

/** `21/11/26 13:05:00` */
function dated(time: number): string {
  const [date = '', clock = ''] = new Date(time).toISOString().split('T');
  const [year = '', month, day] = date.split('-');
  return `${day}/${month}/${year.slice(2)} ${clock.slice(0, 8)}`;
}
