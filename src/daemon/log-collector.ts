import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { ContainerEngine, ObservedContainer } from '../containers/engine.js';
import { readLabels, STATE_LABEL } from '../containers/labels.js';
import type { HostingEvents } from '../hosting/events.js';
import type { Logger } from '../log.js';
import type { PrintedMetrics } from '../services/cloudwatch/printed-metrics.js';
import type { LogStore } from '../services/logs/log-store.js';

/** How long the last lines of containers that have ended may take to come. */
const LAST_LINES_MS = 1_000;

/** When it is looked again after an output that broke off, or an engine that did not answer. */
const RETRY_MS = 5_000;

interface CollectorParts {
  readonly engine: ContainerEngine;
  readonly events: HostingEvents;
  readonly stateId: string;
  readonly logs: LogStore;
  /** Metrics that are read from what is printed. */
  readonly printed: PrintedMetrics;
  readonly log: Logger;
}

/**
 * Copies what the endpoints' containers print into CloudWatch Logs, where it stays when they are gone. Looks for containers
 * whenever an endpoint takes a step; one whose output breaks off is taken up again at the next look, after the last line
 * that is kept.
 */
export class LogCollector {
  readonly #parts: CollectorParts;
  readonly #end = new AbortController();
  readonly #reading = new Map<string, Promise<void>>();
  #read = new Set<string>();
  #looking: Promise<void> | undefined;
  #lookAgain = false;
  #later: NodeJS.Timeout | undefined;

  constructor(parts: CollectorParts) {
    this.#parts = parts;
  }

  start(): void {
    const { events } = this.#parts;
    events.on('step', this.#look).on('status', this.#look).on('progress', this.#look);
    this.#look();
  }

  /** Waits for the last lines, and ends. */
  async close(): Promise<void> {
    const { events } = this.#parts;
    events.off('step', this.#look).off('status', this.#look).off('progress', this.#look);
    const limit = setTimeout(() => this.#end.abort(), LAST_LINES_MS);
    // An engine that hangs holds nobody up.
    const ended = once(this.#end.signal, 'abort');
    const read = Promise.resolve(this.#looking).then(() => Promise.all(this.#reading.values()));
    await Promise.race([read, ended]);
    clearTimeout(limit);
    this.#end.abort();
    clearTimeout(this.#later);
    // Resolves when what was appended is on the disk.
    await this.#parts.logs.groups();
  }

  readonly #look = (): void => {
    this.#lookAgain = true;
    this.#looking ??= this.#lookUntilDone().finally(() => {
      this.#looking = undefined;
    });
  };

  async #lookUntilDone(): Promise<void> {
    const { engine, stateId, log } = this.#parts;
    while (this.#lookAgain) {
      this.#lookAgain = false;
      try {
        const containers = await engine.list({ [STATE_LABEL]: stateId });
        this.#read = new Set(containers.map(({ id }) => id).filter((id) => this.#read.has(id)));
        for (const container of containers) this.#begin(container);
      } catch (err) {
        log.debug({ err }, 'containers could not be looked for'); // The reconciler tells why.
        this.#lookLater();
      }
    }
  }

  #begin(container: ObservedContainer): void {
    const { id } = container;
    if (this.#read.has(id) || this.#reading.has(id)) return;
    const reading = this.#copy(container)
      .then(() => this.#hasEnded(id))
      .catch((err) => {
        this.#parts.log.debug({ err, containerId: id }, 'a log broke off');
        return false;
      })
      .then((ended) => {
        this.#reading.delete(id);
        if (ended) this.#read.add(id);
        else this.#lookLater();
      });
    this.#reading.set(id, reading);
  }

  /** An engine that is stopped ends the output of what runs on without it. */
  async #hasEnded(id: string): Promise<boolean> {
    const containers = await this.#parts.engine.list({ [STATE_LABEL]: this.#parts.stateId });
    return !containers.some((container) => container.id === id && container.running);
  }

  #lookLater(): void {
    if (this.#end.signal.aborted) return;
    this.#later ??= setTimeout(() => {
      this.#later = undefined;
      this.#look();
    }, RETRY_MS).unref();
  }

  async #copy({ id, labels }: ObservedContainer): Promise<void> {
    const { engine, logs, printed } = this.#parts;
    const named = readLabels(labels);
    if (named === undefined) return;
    const group = logGroupOf(named.endpointName);
    const stream = `${named.variantName}/${instanceIdOf(id)}`;
    const isKept = await keptUpTo(logs, group, stream);
    for await (const some of engine.logs(id, { follow: true, signal: this.#end.signal })) {
      const lines = some.filter(({ timestamp }) => !isKept(timestamp));
      for (const { text, timestamp } of lines)
        printed.read(named.endpointName, named.variantName, text, timestamp);
      await logs.append(group, stream, lines);
    }
  }
}

/** The log group of an endpoint, as the service names it. */
function logGroupOf(endpointName: string): string {
  return `/aws/sagemaker/Endpoints/${endpointName}`;
}

/** Streams are named after instances: a container has the id of one, always the same. */
export function instanceIdOf(containerId: string): string {
  return `i-0${createHash('sha256').update(containerId).digest('hex').slice(0, 16)}`;
}

/**
 * For a container whose output is read from its beginning once more: whether the next line is kept already. Lines of one
 * millisecond are told apart by their number.
 */
async function keptUpTo(logs: LogStore, group: string, stream: string) {
  const kept = await (await logs.group(group))?.streams.get(stream)?.events();
  const last = kept?.at(-1)?.timestamp ?? -1;
  let atLast = kept?.filter(({ timestamp }) => timestamp === last).length ?? 0;
  return (timestamp: number) => {
    if (timestamp === last && atLast > 0) {
      atLast -= 1;
      return true;
    }
    return timestamp < last;
  };
}
