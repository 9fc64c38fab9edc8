import { randomUUID } from 'node:crypto';
import { setInterval } from 'node:timers/promises';
import type { StreamedEvent, StreamedRequest } from '../streamed.js';
import type { LogsContext } from './context.js';
import { groupNotFound, invalidParameter } from './errors.js';
import { compileFilter, type Filter } from './filter-pattern.js';
import { groupNameOf } from './find.js';
import type { AppendedEvent } from './log-store.js';
import { SampledSecond } from './sampled-second.js';

interface StartLiveTailInput {
  readonly logGroupIdentifiers: readonly string[];
  readonly logStreamNames?: readonly string[];
  readonly logStreamNamePrefixes?: readonly string[];
  readonly logEventFilterPattern?: string;
}

/** The service's own times (API reference): what has come is sent each second, for three hours. */
export interface LiveTailTimes {
  readonly updateMs: number;
  readonly sessionMs: number;
}

const TIMES: LiveTailTimes = { updateMs: 1_000, sessionMs: 3 * 3_600_000 };

const ARN = /^arn:[^:]+:logs:[^:]*:\d*:log-group:[^:*]+$/;

/**
 * StartLiveTail: what the groups' containers print from now on. Resolves when the session has begun, with its events; they
 * end when `signal` aborts, or with a SessionTimeoutException.
 * Gaps: patterns for JSON and for columns are refused. A reader that is slow gets a sample of what has come meanwhile;
 * the service drops its oldest updates.
 *
 * @throws ServiceError `InvalidParameterException`, `ResourceNotFoundException`
 */
export async function startLiveTail(
  input: StartLiveTailInput,
  { logs, caller }: LogsContext,
  { signal, requestId }: StreamedRequest,
  times = TIMES,
): Promise<AsyncIterable<StreamedEvent>> {
  const wanted = wantedOf(input);
  for (const name of wanted.groups) {
    if ((await logs.group(name)) === undefined) throw groupNotFound();
  }
  const second = new SampledSecond<object>();
  const stopWatching = logs.watch((event) => {
    if (!wanted.has(event)) return;
    const { groupName, streamName: logStreamName, timestamp, ingestionTime, message } = event;
    const logGroupIdentifier = `${caller.accountId}:${groupName}`;
    second.add({ logStreamName, logGroupIdentifier, message, timestamp, ingestionTime });
  });
  signal.addEventListener('abort', stopWatching, { once: true });
  return eventsOf({ input, requestId, second, signal, times, stopWatching });
}

async function* eventsOf(session: {
  readonly input: StartLiveTailInput;
  readonly requestId: string;
  readonly second: SampledSecond<object>;
  readonly signal: AbortSignal;
  readonly times: LiveTailTimes;
  readonly stopWatching: () => void;
}): AsyncGenerator<StreamedEvent> {
  const { input, requestId, second, signal, times, stopWatching } = session;
  const started = performance.now();
  try {
    yield { event: 'sessionStart', members: startOf(input, requestId) };
    for await (const _ of setInterval(times.updateMs, undefined, { signal })) {
      const { events, sampled } = second.take();
      const members = { sessionMetadata: { sampled }, sessionResults: events };
      yield { event: 'sessionUpdate', members };
      if (performance.now() - started >= times.sessionMs) {
        const message = 'The Live Tail session has timed out.';
        yield { exception: 'SessionTimeoutException', members: { message } };
        return;
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    stopWatching();
  }
}

function startOf(input: StartLiveTailInput, requestId: string) {
  return {
    requestId,
    sessionId: randomUUID(),
    logGroupIdentifiers: input.logGroupIdentifiers,
    logStreamNames: input.logStreamNames ?? [],
    logStreamNamePrefixes: input.logStreamNamePrefixes ?? [],
    logEventFilterPattern: input.logEventFilterPattern ?? '',
  };
}

/** What is asked for. @throws ServiceError `InvalidParameterException` */
function wantedOf(input: StartLiveTailInput): {
  readonly groups: readonly string[];
  readonly has: (event: AppendedEvent) => boolean;
} {
  const { logGroupIdentifiers, logStreamNames: names, logStreamNamePrefixes: prefixes } = input;
  if (!logGroupIdentifiers.every((one) => ARN.test(one))) {
    throw invalidParameter(
      'logGroupIdentifiers must be ARNs of log groups, without :* at the end.',
    );
  }
  if (names !== undefined && prefixes !== undefined) {
    throw invalidParameter('Specify either logStreamNames or logStreamNamePrefixes, not both.');
  }
  if (logGroupIdentifiers.length > 1 && (names ?? prefixes) !== undefined) {
    throw invalidParameter('Log streams can be named for one log group only.');
  }
  const groups = logGroupIdentifiers.map(groupNameOf);
  const filter: Filter = compileFilter(input.logEventFilterPattern ?? '');
  const isStream = (name: string) =>
    (names?.includes(name) ?? true) && (prefixes?.some((one) => name.startsWith(one)) ?? true);
  return {
    groups,
    has: ({ groupName, streamName, message }) =>
      groups.includes(groupName) && isStream(streamName) && filter(message),
  };
}
