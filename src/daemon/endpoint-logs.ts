import type { ContainerEngine, LogLine, ObservedContainer } from '../containers/engine.js';
import { ENDPOINT_LABEL, readLabels, STATE_LABEL } from '../containers/labels.js';
import type { HostingEvents } from '../hosting/events.js';
import type { EndpointLogLine } from './admin.js';

interface LogParts {
  readonly engine: ContainerEngine;
  readonly events: HostingEvents;
  readonly stateId: string;
}

export interface LogOptions {
  readonly tail?: number;
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

/**
 * The output of an endpoint's containers, or of every endpoint's. Following, it takes in containers that come up later
 * and ends only with the signal.
 */
export async function* endpointLogs(
  parts: LogParts,
  endpointName: string | undefined,
  options: LogOptions,
): AsyncGenerator<EndpointLogLine> {
  const labels = {
    [STATE_LABEL]: parts.stateId,
    ...(endpointName === undefined ? {} : { [ENDPOINT_LABEL]: endpointName }),
  };
  if (options.follow) {
    yield* followAll(parts, labels, options);
    return;
  }
  for (const container of await parts.engine.list(labels)) {
    yield* linesOf(parts.engine, container, options);
  }
}

async function* linesOf(
  engine: ContainerEngine,
  container: ObservedContainer,
  options: LogOptions,
) {
  for await (const lines of engine.logs(container.id, options)) {
    for (const line of lines) yield named(container, line);
  }
}

function named(container: ObservedContainer, line: LogLine): EndpointLogLine {
  const labels = readLabels(container.labels);
  return {
    ...line,
    endpointName: labels?.endpointName ?? '',
    source: `${labels?.variantName}/${labels?.instance}`,
  };
}

/** Reads every container at once into one queue; looks for new ones whenever an endpoint takes a step. */
async function* followAll(
  { engine, events }: LogParts,
  labels: Readonly<Record<string, string>>,
  options: LogOptions,
): AsyncGenerator<EndpointLogLine> {
  const queue: EndpointLogLine[] = [];
  const seen = new Set<string>();
  let failure: unknown;
  let wake = () => {};
  const fail = (error: unknown) => {
    failure ??= error;
    wake();
  };
  const read = async (container: ObservedContainer) => {
    for await (const line of linesOf(engine, container, options)) {
      queue.push(line);
      wake();
    }
  };
  const look = () => {
    engine.list(labels).then((containers) => {
      for (const container of containers) {
        if (seen.has(container.id)) continue;
        seen.add(container.id);
        read(container).catch(fail);
      }
    }, fail);
  };
  const stop = () => wake();
  events.on('progress', look).on('step', look).on('status', look);
  options.signal.addEventListener('abort', stop);
  try {
    look();
    while (!options.signal.aborted && failure === undefined) {
      yield* queue.splice(0);
      if (queue.length > 0) continue;
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (options.signal.aborted || failure !== undefined || queue.length > 0) resolve();
      });
    }
    if (!options.signal.aborted) throw failure;
  } finally {
    events.off('progress', look).off('step', look).off('status', look);
    options.signal.removeEventListener('abort', stop);
  }
}
