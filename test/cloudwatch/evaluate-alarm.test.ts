import { expect, test } from 'vitest';
import type { AlarmRule } from '../../src/services/cloudwatch/alarm.js';
import { evaluateAlarm } from '../../src/services/cloudwatch/evaluate-alarm.js';

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 10, 21, 13, 0);

const rule = (change: Partial<AlarmRule> = {}): AlarmRule => ({
  ...{ Namespace: 'N', MetricName: 'M', Dimensions: [], Statistic: 'Sum', Period: 60 },
  ...{ EvaluationPeriods: 3, Threshold: 10, ComparisonOperator: 'GreaterThanThreshold' },
  ...change,
});

/** The oldest first, as the guide writes them: 0 is well, X breaches, - is missing. */
const points = (text: string) =>
  [...text.replaceAll(' ', '')].reverse().map((sign, age) => ({
    time: NOW - (age + 1) * MINUTE,
    value: { '0': 5, X: 15 }[sign],
  }));

const stateOf = (text: string, change: Partial<AlarmRule>) =>
  evaluateAlarm(rule(change), points(text))?.StateValue;

const KEEP = undefined;
const NONE = 'INSUFFICIENT_DATA';

/** The two tables of CloudWatch's user guide ("Configuring how CloudWatch alarms treat missing data"). */
test.each([
  ['0 - X - X', 3, 'OK', 'OK', 'OK', 'OK'],
  ['0 - - - -', 3, 'OK', 'OK', 'OK', 'OK'],
  ['- - - - -', 3, NONE, KEEP, 'ALARM', 'OK'],
  ['0 X X - X', 3, 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  ['- - X - -', 3, 'ALARM', KEEP, 'ALARM', 'OK'],
  ['0 - X - X', 2, 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  ['0 0 X 0 X', 2, 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  ['0 - X - -', 2, 'OK', 'OK', 'ALARM', 'OK'],
  ['- - - - 0', 2, 'OK', 'OK', 'ALARM', 'OK'],
  ['- - - X -', 2, 'ALARM', KEEP, 'ALARM', 'OK'],
])(
  'Of three periods in %s, %d of which make an alarm, missing ones are treated as asked for',
  (text, DatapointsToAlarm, ...wanted) => {
    const treatments = ['missing', 'ignore', 'breaching', 'notBreaching'] as const;
    const found = treatments.map((TreatMissingData) =>
      stateOf(text, { DatapointsToAlarm, TreatMissingData }),
    );
    expect(found).toEqual(wanted);
  },
);

test('A first breach alone makes no alarm of three, until it is old enough', () => {
  expect(['- - - - X', '- - - X -', '- - X - -'].map((text) => stateOf(text, {}))).toEqual([
    ...[undefined, undefined, 'ALARM'],
  ]);
});

test.each([
  ['GreaterThanThreshold', ['OK', 'OK', 'ALARM']],
  ['GreaterThanOrEqualToThreshold', ['OK', 'ALARM', 'ALARM']],
  ['LessThanThreshold', ['ALARM', 'OK', 'OK']],
  ['LessThanOrEqualToThreshold', ['ALARM', 'ALARM', 'OK']],
] as const)('%s compares below, at and above the threshold', (ComparisonOperator, wanted) => {
  const found = [9, 10, 11].map(
    (value) =>
      evaluateAlarm(rule({ ComparisonOperator, EvaluationPeriods: 1 }), [{ time: 0, value }])
        ?.StateValue,
  );
  expect(found).toEqual(wanted);
});

test('It says why in the service’s words, with the values that it was said of', () => {
  const { StateReason, StateReasonData } = evaluateAlarm(rule(), points('0 - X X X')) ?? {};
  expect(StateReason).toBe(
    'Threshold Crossed: 3 datapoints [15.0 (21/11/26 12:59:00), 15.0 (21/11/26 12:58:00), 15.0 (21/11/26 12:57:00)] were greater than the threshold (10.0).',
  );
  expect(JSON.parse(StateReasonData ?? '')).toEqual({
    ...{ version: '1.0', statistic: 'Sum', period: 60, threshold: 10 },
    ...{ recentDatapoints: [15, 15, 15], startDate: '2026-11-21T12:57:00.000Z' },
  });
  expect(evaluateAlarm(rule({ EvaluationPeriods: 1 }), points('- - 0'))?.StateReason).toBe(
    'Threshold Crossed: 1 datapoint [5.0 (21/11/26 12:59:00)] was not greater than the threshold (10.0).',
  );
  expect(evaluateAlarm(rule(), points('- - - - -'))?.StateReason).toBe(
    'Insufficient Data: 3 datapoints were unknown.',
  );
});
