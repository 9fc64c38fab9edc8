import type { LogsOperation } from './context.js';
import { groupNotFound, streamNotFound } from './errors.js';

/** DeleteLogGroup. A container that prints more makes it anew, as on AWS. Gaps: none known. */
export const deleteLogGroup: LogsOperation<{ logGroupName: string }> = async (input, { logs }) => {
  if (!(await logs.deleteGroup(input.logGroupName))) throw groupNotFound();
  return undefined;
};

/** DeleteLogStream. Gaps: none known. */
export const deleteLogStream: LogsOperation<{
  logGroupName: string;
  logStreamName: string;
}> = async ({ logGroupName, logStreamName }, { logs }) => {
  const group = await logs.group(logGroupName);
  if (group === undefined) throw groupNotFound();
  if (!(await logs.deleteStream(group, logStreamName))) throw streamNotFound();
  return undefined;
};
