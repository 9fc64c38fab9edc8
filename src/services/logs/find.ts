import type { GroupNamed, LogsContext } from './context.js';
import { groupNotFound, invalidParameter } from './errors.js';
import type { LogGroup } from './log-store.js';

const GROUP_ARN = /^arn:[^:]+:logs:[^:]*:\d*:log-group:([^:]+)(:\*)?$/;

/** The name in a group's ARN; any other text is a name itself. */
export function groupNameOf(identifier: string): string {
  return GROUP_ARN.exec(identifier)?.[1] ?? identifier;
}

/**
 * The group that a request is about.
 * @throws ServiceError `InvalidParameterException` unless it is named in one way, `ResourceNotFoundException`
 */
export async function findGroup(input: GroupNamed, { logs }: LogsContext): Promise<LogGroup> {
  const { logGroupName, logGroupIdentifier } = input;
  if ((logGroupName === undefined) === (logGroupIdentifier === undefined)) {
    throw invalidParameter('Specify either logGroupName or logGroupIdentifier.');
  }
  const group = await logs.group(logGroupName ?? groupNameOf(logGroupIdentifier ?? ''));
  if (group === undefined) throw groupNotFound();
  return group;
}
