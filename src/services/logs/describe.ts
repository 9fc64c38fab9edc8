import { partitionOf } from '../../hosting/arn.js';
import type { GroupNamed, LogsContext, LogsOperation } from './context.js';
import { invalidParameter, invalidToken } from './errors.js';
import { findGroup, groupNameOf } from './find.js';
import type { LogGroup } from './log-store.js';
import type { LogStream } from './log-stream.js';

/** The service's own page, which is also its largest (API reference). */
const PAGE = 50;

interface Paged {
  readonly limit?: number;
  readonly nextToken?: string;
}

interface DescribeLogGroupsInput extends Paged {
  readonly logGroupNamePrefix?: string;
  readonly logGroupNamePattern?: string;
  readonly logGroupIdentifiers?: readonly string[];
  readonly logGroupClass?: string;
}

/** DescribeLogGroups. Gaps: other accounts' groups; retention, keys and metric filters, of which there are none. */
export const describeLogGroups: LogsOperation<DescribeLogGroupsInput> = async (input, context) => {
  const { logGroupNamePrefix: prefix, logGroupNamePattern: pattern } = input;
  if (prefix !== undefined && pattern !== undefined) {
    throw invalidParameter(
      'LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.',
    );
  }
  const wanted = input.logGroupIdentifiers?.map(groupNameOf);
  const groups = (await context.logs.groups()).filter(
    ({ name }) =>
      name.startsWith(prefix ?? '') &&
      name.toLowerCase().includes((pattern ?? '').toLowerCase()) &&
      (wanted?.includes(name) ?? true) &&
      (input.logGroupClass ?? 'STANDARD') === 'STANDARD',
  );
  const { page, nextToken } = pageOf(groups, input, ({ name }) => [name, 0]);
  return { logGroups: page.map((group) => shownGroup(group, context)), nextToken };
};

interface DescribeLogStreamsInput extends GroupNamed, Paged {
  readonly logStreamNamePrefix?: string;
  readonly orderBy?: 'LogStreamName' | 'LastEventTime';
  readonly descending?: boolean;
}

/** DescribeLogStreams. Gaps: none known. */
export const describeLogStreams: LogsOperation<DescribeLogStreamsInput> = async (
  input,
  context,
) => {
  const byTime = input.orderBy === 'LastEventTime';
  if (byTime && input.logStreamNamePrefix !== undefined) {
    throw invalidParameter('Cannot order by LastEventTime with a logStreamNamePrefix.');
  }
  const group = await findGroup(input, context);
  const streams = [...group.streams.values()].filter(({ name }) =>
    name.startsWith(input.logStreamNamePrefix ?? ''),
  );
  const { page, nextToken } = pageOf(
    streams,
    input,
    ({ name, lastTimestamp }) => [name, byTime ? (lastTimestamp ?? 0) : 0],
    input.descending ? -1 : 1,
  );
  return { logStreams: page.map((stream) => shownStream(group, stream, context)), nextToken };
};

type Place = readonly [name: string, time: number];

/** A page, and the token of the next, which holds the last one's place. @throws ServiceError for a token of another kind */
function pageOf<T>(
  all: readonly T[],
  { limit = PAGE, nextToken }: Paged,
  placeOf: (one: T) => Place,
  direction: 1 | -1 = 1,
): { page: T[]; nextToken: string | undefined } {
  const after = nextToken === undefined ? undefined : placeIn(nextToken);
  const compare = (a: Place, b: Place) => direction * comparePlaces(a, b);
  const rest = all
    .map((one) => ({ one, place: placeOf(one) }))
    .filter(({ place }) => after === undefined || compare(after, place) < 0)
    .sort((a, b) => compare(a.place, b.place));
  const page = rest.slice(0, limit);
  const last = rest.length > page.length ? page.at(-1) : undefined;
  return {
    page: page.map(({ one }) => one),
    nextToken: last && Buffer.from(JSON.stringify(last.place)).toString('base64url'),
  };
}

function comparePlaces([nameA, timeA]: Place, [nameB, timeB]: Place): number {
  if (timeA !== timeB) return timeA - timeB;
  return nameA === nameB ? 0 : nameA < nameB ? -1 : 1;
}

function placeIn(token: string): Place {
  try {
    const [name, time] = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
    if (typeof name === 'string' && typeof time === 'number') return [name, time];
  } catch {
    // Refused below, like any other token that is not ours.
  }
  throw invalidToken();
}

function shownGroup(group: LogGroup, context: LogsContext) {
  const arn = arnOf(group, context);
  return {
    logGroupName: group.name,
    creationTime: group.creationTime,
    metricFilterCount: 0,
    arn: `${arn}:*`,
    storedBytes: [...group.streams.values()].reduce((sum, { bytes }) => sum + bytes, 0),
    logGroupClass: 'STANDARD',
    logGroupArn: arn,
  };
}

function shownStream(group: LogGroup, stream: LogStream, context: LogsContext) {
  return {
    logStreamName: stream.name,
    creationTime: stream.creationTime,
    firstEventTimestamp: stream.firstTimestamp,
    lastEventTimestamp: stream.lastTimestamp,
    lastIngestionTime: stream.lastIngestionTime,
    arn: `${arnOf(group, context)}:log-stream:${stream.name}`,
    // The service has said 0 since 2019 (API reference).
    storedBytes: 0,
  };
}

function arnOf({ name }: LogGroup, { caller }: LogsContext): string {
  const { region, accountId } = caller;
  return `arn:${partitionOf(region)}:logs:${region}:${accountId}:log-group:${name}`;
}
