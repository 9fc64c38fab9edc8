import type { GroupNamed, LogsOperation } from './context.js';
import { invalidToken, streamNotFound } from './errors.js';
import { findGroup } from './find.js';
import type { LogEvent } from './log-stream.js';
import { bytesOf, PAGE_BYTES, PAGE_EVENTS } from './page.js';

interface GetLogEventsInput extends GroupNamed {
  readonly logStreamName: string;
  readonly startTime?: number;
  readonly endTime?: number;
  readonly limit?: number;
  readonly startFromHead?: boolean;
  readonly nextToken?: string;
}

/** From which event on, or up to which: `f/…` the first of the page, `b/…` the one after its last. */
interface Place {
  readonly forward: boolean;
  readonly ordinal: number;
}

/**
 * GetLogEvents: a page of one stream, the last one unless the head is asked for. At an end the service gives back the token
 * that it was given, by which clients know that there is no more (API reference). Gaps: tokens do not expire.
 */
export const getLogEvents: LogsOperation<GetLogEventsInput> = async (input, context) => {
  const { startTime = 0, endTime = Number.POSITIVE_INFINITY } = input;
  const { streams } = await findGroup(input, context);
  const stream = streams.get(input.logStreamName);
  if (stream === undefined) throw streamNotFound();
  const all = (await stream.events()).filter(
    ({ timestamp }) => timestamp >= startTime && timestamp < endTime,
  );
  const place = input.nextToken === undefined ? undefined : placeIn(input.nextToken);
  const page = pageAt(all, place, input);
  const [from, to] = edgesOf(page, place, all, input.startFromHead);
  return {
    events: page.map(({ timestamp, message, ingestionTime }) => ({
      ...{ timestamp, message, ingestionTime },
    })),
    nextForwardToken: tokenOf({ forward: true, ordinal: to }),
    nextBackwardToken: tokenOf({ forward: false, ordinal: from }),
  };
};

function pageAt(
  all: readonly LogEvent[],
  place: Place | undefined,
  { limit = PAGE_EVENTS, startFromHead = false }: GetLogEventsInput,
): LogEvent[] {
  const forward = place?.forward ?? startFromHead;
  const within = all.filter(
    ({ ordinal }) =>
      place === undefined || (forward ? ordinal >= place.ordinal : ordinal < place.ordinal),
  );
  const ordered = forward ? within : within.reverse();
  const page: LogEvent[] = [];
  let bytes = 0;
  for (const event of ordered) {
    bytes += bytesOf(event.message);
    if (page.length === limit || (bytes > PAGE_BYTES && page.length > 0)) break;
    page.push(event);
  }
  return forward ? page : page.reverse();
}

/** The ordinals at which a page begins and its successor would; an empty page is the place that was asked for. */
function edgesOf(
  page: readonly LogEvent[],
  place: Place | undefined,
  all: readonly LogEvent[],
  startFromHead = false,
): [number, number] {
  const [first, last] = [page[0], page.at(-1)];
  if (first !== undefined && last !== undefined) return [first.ordinal, last.ordinal + 1];
  if (place !== undefined) return [place.ordinal, place.ordinal];
  const end = startFromHead ? 0 : (all.at(-1)?.ordinal ?? -1) + 1;
  return [end, end];
}

/** As long as the service's. */
const DIGITS = 56;

function tokenOf({ forward, ordinal }: Place): string {
  return `${forward ? 'f' : 'b'}/${String(ordinal).padStart(DIGITS, '0')}/s`;
}

const TOKEN = /^([fb])\/(\d{56})\/s$/;

function placeIn(token: string): Place {
  const [, direction, ordinal] = TOKEN.exec(token) ?? [];
  if (ordinal === undefined) throw invalidToken();
  return { forward: direction === 'f', ordinal: Number(ordinal) };
}
