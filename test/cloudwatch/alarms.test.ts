import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createLogger } from '../../src/log.js';
import type { Alarm } from '../../src/services/cloudwatch/alarm.js';
import { Alarms } from '../../src/services/cloudwatch/alarms.js';
import { MetricStore } from '../../src/services/cloudwatch/metric-store.js';
import { newAlarm } from '../../src/services/cloudwatch/put-metric-alarm.js';
import { openCollection } from '../../src/state/store.js';

const folder = mkdtempSync(join(tmpdir(), 'smlocal-alarms-'));
afterAll(() => rmSync(folder, { recursive: true }));

const MINUTE = 60_000;
const BEGAN = new Date(1_000_000 * MINUTE);
const at = (minutes: number) => new Date(BEGAN.getTime() + minutes * MINUTE);
const METRIC = { Namespace: 'N', MetricName: 'M', Dimensions: [] };
const POLICY = 'arn:aws:autoscaling:us-east-1:1:scalingPolicy:x';

const ALARM: Alarm = {
  ...newAlarm('a', { region: 'us-east-1', accountId: '1' }, BEGAN),
  ...METRIC,
  ...{ Statistic: 'Average', Period: 60, EvaluationPeriods: 2, Threshold: 10 },
  ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  ...{ ActionsEnabled: true, AlarmActions: [POLICY], OKActions: [], InsufficientDataActions: [] },
};

/** Alarms as a daemon that starts finds them on the disk. */
function opened() {
  const metrics = new MetricStore();
  const log = createLogger();
  const alarms = new Alarms(openCollection<Alarm>({ directory: folder, log }), metrics);
  const calls: string[] = [];
  alarms.on('actions', ({ StateValue }, actions) => calls.push(...actions, StateValue));
  const measured = (minute: number, value: number) =>
    metrics.series(METRIC, 'None').at(at(minute).getTime()).add(value);
  return { alarms, calls, measured };
}

test('An alarm follows its metric, calls once a minute for as long as it lasts, and is what it was after a restart', async () => {
  const { alarms, calls, measured } = opened();
  await alarms.put(ALARM);
  const stateAfter = async (minutes: number) => {
    await alarms.evaluate(at(minutes));
    return alarms.get('a')?.StateValue;
  };
  measured(0, 5);
  measured(1, 25);
  expect(await stateAfter(2)).toBe('OK');
  measured(2, 10);
  // The minute that is not over does not count.
  expect(await stateAfter(2.9)).toBe('OK');
  expect(calls).toEqual([]);
  expect(await stateAfter(3)).toBe('ALARM');
  expect(calls).toEqual([POLICY, 'ALARM']);
  measured(3, 30);
  for (const minutes of [3.2, 3.5, 3.9]) await stateAfter(minutes);
  expect(calls).toHaveLength(2);
  await stateAfter(4);
  expect(calls).toHaveLength(4);

  const again = opened();
  expect(again.alarms.get('a')).toEqual(alarms.get('a'));
  expect(again.alarms.get('a')).toMatchObject({
    ...{ StateValue: 'ALARM', StateTransitionedTimestamp: at(3), StateUpdatedTimestamp: at(4) },
  });
  await again.alarms.evaluate(at(5));
  // Metrics are in memory: nothing is known any more.
  expect(again.alarms.get('a')?.StateValue).toBe('INSUFFICIENT_DATA');
  expect(again.calls).toEqual([]);

  measured(4, 1);
  measured(5, 1);
  expect(await stateAfter(6)).toBe('OK');
  await alarms.delete('a');
  expect(opened().alarms.values()).toEqual([]);
});
