import {
  deleteAlarms,
  describeAlarms,
  disableAlarmActions,
  enableAlarmActions,
  setAlarmState,
} from './alarm-operations.js';
import type { CloudWatchOperation } from './context.js';
import { getMetricData } from './get-metric-data.js';
import { getMetricStatistics } from './get-metric-statistics.js';
import { listMetrics } from './list-metrics.js';
import { putMetricAlarm } from './put-metric-alarm.js';
import { putMetricData } from './put-metric-data.js';

/** Every operation of CloudWatch that smlocal serves, by its name on the wire. */
export const CLOUDWATCH_OPERATIONS: ReadonlyMap<string, CloudWatchOperation<never>> = new Map<
  string,
  CloudWatchOperation<never>
>([
  ['PutMetricAlarm', putMetricAlarm],
  ['DescribeAlarms', describeAlarms],
  ['DeleteAlarms', deleteAlarms],
  ['SetAlarmState', setAlarmState],
  ['EnableAlarmActions', enableAlarmActions],
  ['DisableAlarmActions', disableAlarmActions],
  ['GetMetricData', getMetricData],
  ['GetMetricStatistics', getMetricStatistics],
  ['ListMetrics', listMetrics],
  ['PutMetricData', putMetricData],
]);
