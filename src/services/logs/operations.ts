import type { LogsOperation } from './context.js';
import { deleteLogGroup, deleteLogStream } from './delete.js';
import { describeLogGroups, describeLogStreams } from './describe.js';
import { filterLogEvents } from './filter-log-events.js';
import { getLogEvents } from './get-log-events.js';
import { startLiveTail } from './live-tail.js';

/** Every operation of CloudWatch Logs that smlocal serves, by its name on the wire. */
export const LOGS_OPERATIONS: ReadonlyMap<string, LogsOperation<never>> = new Map<
  string,
  LogsOperation<never>
>([
  ['DescribeLogGroups', describeLogGroups],
  ['DescribeLogStreams', describeLogStreams],
  ['GetLogEvents', getLogEvents],
  ['FilterLogEvents', filterLogEvents],
  ['DeleteLogGroup', deleteLogGroup],
  ['DeleteLogStream', deleteLogStream],
]);

/** Those that answer with a stream of events. */
export const LOGS_STREAMS: ReadonlyMap<string, typeof startLiveTail> = new Map([
  ['StartLiveTail', startLiveTail],
]);
