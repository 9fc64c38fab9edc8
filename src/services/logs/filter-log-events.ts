import type { GroupNamed, LogsOperation } from './context.js';
import { invalidParameter, invalidToken, streamNotFound } from './errors.js';
import { compileFilter, type Filter } from './filter-pattern.js';
import { findGroup } from './find.js';
import type { LogGroup } from './log-store.js';
import { eventIdOf, type LogStream } from './log-stream.js';
import { bytesOf, PAGE_BYTES, PAGE_EVENTS } from './page.js';

interface FilterLogEventsInput extends GroupNamed {
  readonly logStreamNames?: readonly string[];
  readonly logStreamNamePrefix?: string;
  readonly startTime?: number;
  readonly endTime?: number;
  readonly filterPattern?: string;
  readonly limit?: number;
  readonly nextToken?: string;
}

interface FilteredEvent {
  readonly logStreamName: string;
  readonly timestamp: number;
  readonly message: string;
  readonly ingestionTime: number;
  readonly eventId: string;
}

/**
 * FilterLogEvents, which is also what `aws logs tail` calls: the events of all streams of a group in the order of time
 * (`interleaved` has no effect; the service interleaves always). The token is the id of the last event that was given.
 * Gaps: patterns for JSON and for columns are refused; `unmask` has no effect, for nothing is masked.
 */
export const filterLogEvents: LogsOperation<FilterLogEventsInput> = async (input, context) => {
  const { logStreamNames: names, nextToken = '' } = input;
  if (names !== undefined && input.logStreamNamePrefix !== undefined) {
    throw invalidParameter('Specify either logStreamNames or logStreamNamePrefix, not both.');
  }
  if (nextToken !== '' && !/^\d{56}$/.test(nextToken)) throw invalidToken();
  const filter = compileFilter(input.filterPattern ?? '');
  const group = await findGroup(input, context);
  let page: { events: FilteredEvent[]; more: boolean } = { events: [], more: false };
  // One stream after the other, so that no more than one is in memory beside the page.
  for (const stream of wantedStreams(group, input)) {
    const found = await matching(stream, { ...input, after: nextToken, filter });
    const next = cut([...page.events, ...found], input.limit ?? PAGE_EVENTS);
    page = { events: next.events, more: page.more || next.more };
  }
  return {
    events: page.events,
    // Always empty since 2019 (API reference).
    searchedLogStreams: [],
    nextToken: page.more ? page.events.at(-1)?.eventId : undefined,
  };
};

function wantedStreams(
  group: LogGroup,
  { logStreamNames, logStreamNamePrefix = '', startTime = 0 }: FilterLogEventsInput,
): LogStream[] {
  if (logStreamNames?.some((name) => !group.streams.has(name))) throw streamNotFound();
  return [...group.streams.values()].filter(
    ({ name, lastTimestamp = -1 }) =>
      (logStreamNames?.includes(name) ?? true) &&
      name.startsWith(logStreamNamePrefix) &&
      lastTimestamp >= startTime,
  );
}

async function matching(
  stream: LogStream,
  {
    startTime = 0,
    endTime = Number.POSITIVE_INFINITY,
    after,
    filter,
  }: FilterLogEventsInput & { after: string; filter: Filter },
): Promise<FilteredEvent[]> {
  return (await stream.events()).flatMap((event) => {
    const { timestamp, message, ingestionTime } = event;
    if (timestamp < startTime || timestamp > endTime || !filter(message)) return [];
    const eventId = eventIdOf(stream, event);
    if (eventId <= after) return [];
    return [{ logStreamName: stream.name, timestamp, message, ingestionTime, eventId }];
  });
}

/** The first events, as many as a page may have. */
function cut(events: FilteredEvent[], limit: number) {
  events.sort((a, b) => (a.eventId < b.eventId ? -1 : 1));
  let bytes = 0;
  let count = 0;
  for (const { message } of events) {
    bytes += bytesOf(message);
    if (count === limit || (bytes > PAGE_BYTES && count > 0)) break;
    count += 1;
  }
  return { events: events.slice(0, count), more: count < events.length };
}
