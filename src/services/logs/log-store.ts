import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../log.js';
import { LogStream, type StreamLimits } from './log-stream.js';

interface LogLimits extends StreamLimits {
  /** All streams together. */
  readonly totalBytes: number;
  readonly streams: number;
}

const LIMITS: LogLimits = {
  segmentBytes: 2 * 1024 * 1024,
  streamBytes: 8 * 1024 * 1024,
  totalBytes: 256 * 1024 * 1024,
  streams: 1000,
};

/** A container that prints faster than the disk takes it is read no faster than this much ahead. */
const MOST_PENDING_BYTES = 1024 * 1024;

export interface LogGroup {
  readonly name: string;
  readonly creationTime: number;
  readonly directory: string;
  readonly streams: ReadonlyMap<string, LogStream>;
}

interface OwnGroup extends LogGroup {
  readonly streams: Map<string, LogStream>;
}

interface PrintedLine {
  readonly timestamp: number;
  readonly text: string;
}

/** A line as it comes, before it is on the disk. */
export interface AppendedEvent {
  readonly groupName: string;
  readonly streamName: string;
  readonly timestamp: number;
  readonly ingestionTime: number;
  readonly message: string;
}

/**
 * What containers have printed: groups of streams, on the disk, within bounds. Where there is too much, the stream that has
 * been silent for longest goes. Nothing is read before somebody asks or a line comes.
 */
export class LogStore {
  readonly #directory: string;
  readonly #log: Logger;
  readonly #limits: LogLimits;
  readonly #watchers = new Set<(event: AppendedEvent) => void>();
  #groups: Promise<Map<string, OwnGroup>> | undefined;

  constructor(directory: string, log: Logger, limits: Partial<LogLimits> = {}) {
    this.#directory = directory;
    this.#log = log;
    this.#limits = { ...LIMITS, ...limits };
  }

  /** Every group, by name. */
  async groups(): Promise<LogGroup[]> {
    const groups = [...(await this.#open()).values()];
    await Promise.all(groups.flatMap(({ streams }) => [...streams.values()].map(settled)));
    return groups.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async group(name: string): Promise<LogGroup | undefined> {
    const group = (await this.#open()).get(name);
    await Promise.all([...(group?.streams.values() ?? [])].map(settled));
    return group;
  }

  /** The stream of this name, made where there is none. */
  async stream(groupName: string, name: string): Promise<LogStream> {
    const groups = await this.#open();
    const group = groups.get(groupName) ?? this.#makeGroup(groupName, Date.now());
    groups.set(groupName, group);
    const found = group.streams.get(name);
    if (found !== undefined) return found;
    const stream = this.#makeStream(group, name, Date.now());
    group.streams.set(name, stream);
    await stream.settled();
    await this.#trim(groups);
    return stream;
  }

  /** Appends lines; resolves when there is room for more. */
  async append(groupName: string, streamName: string, lines: readonly PrintedLine[]) {
    const messages = lines.filter(({ text }) => text !== ''); // The service has no event without one.
    if (messages.length === 0) return;
    const stream = await this.stream(groupName, streamName);
    const ingestionTime = Date.now();
    for (const { timestamp: printedAt, text: message } of messages) {
      // As the stream has it: no line is earlier than the one before it.
      const timestamp = Math.max(printedAt, stream.lastTimestamp ?? 0);
      stream.append(timestamp, ingestionTime, message);
      for (const watcher of this.#watchers)
        watcher({ groupName, streamName, timestamp, ingestionTime, message });
    }
    if (stream.pendingBytes < MOST_PENDING_BYTES) return;
    await stream.settled();
    await this.#trim(await this.#open());
  }

  /** Tells every line that comes from now on. @returns what ends it */
  watch(watcher: (event: AppendedEvent) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** @returns whether it was there */
  async deleteGroup(name: string): Promise<boolean> {
    const groups = await this.#open();
    const group = groups.get(name);
    if (group === undefined) return false;
    groups.delete(name);
    await Promise.all([...group.streams.values()].map((stream) => stream.remove()));
    await rm(group.directory, { recursive: true, force: true });
    return true;
  }

  /** @returns whether it was there */
  async deleteStream(group: LogGroup, name: string): Promise<boolean> {
    const own = (await this.#open()).get(group.name);
    const stream = own?.streams.get(name);
    own?.streams.delete(name);
    await stream?.remove();
    return stream !== undefined;
  }

  #open(): Promise<Map<string, OwnGroup>> {
    this.#groups ??= this.#load();
    return this.#groups;
  }

  async #load(): Promise<Map<string, OwnGroup>> {
    const groups = new Map<string, OwnGroup>();
    for (const { name, creationTime } of await namesIn(this.#directory)) {
      const group = this.#makeGroup(name, creationTime);
      groups.set(name, group);
      for (const stream of await namesIn(group.directory)) {
        const made = this.#makeStream(group, stream.name, stream.creationTime);
        group.streams.set(stream.name, made);
        await made.settled(); // One by one: a thousand files are not opened at once.
      }
    }
    return groups;
  }

  #makeGroup(name: string, creationTime: number): OwnGroup {
    const directory = join(this.#directory, folderName(name, creationTime));
    return { name, creationTime, directory, streams: new Map() };
  }

  #makeStream(group: LogGroup, name: string, creationTime: number): LogStream {
    const directory = join(group.directory, folderName(name, creationTime));
    return new LogStream(name, creationTime, directory, {
      limits: this.#limits,
      onError: (err) => this.#log.warn({ err, path: directory }, 'a log could not be kept'),
    });
  }

  async #trim(groups: Map<string, OwnGroup>): Promise<void> {
    const all = [...groups.values()].flatMap((group) =>
      [...group.streams.values()].map((stream) => ({ group, stream })),
    );
    let bytes = all.reduce((sum, { stream }) => sum + stream.bytes, 0);
    let count = all.length;
    all.sort((a, b) => touched(a.stream) - touched(b.stream));
    for (const { group, stream } of all.slice(0, -1)) {
      if (bytes <= this.#limits.totalBytes && count <= this.#limits.streams) return;
      bytes -= stream.bytes;
      count -= 1;
      await this.deleteStream(group, stream.name);
      if (group.streams.size === 0) await this.deleteGroup(group.name);
    }
  }
}

function settled(stream: LogStream): Promise<void> {
  return stream.settled();
}

function touched(stream: LogStream): number {
  return stream.lastIngestionTime ?? stream.creationTime;
}

/** The name of a group or stream, and when it was made: one that is deleted and made again is another. */
function folderName(name: string, creationTime: number): string {
  return `${encodeURIComponent(name)}~${creationTime}`;
}

async function namesIn(directory: string): Promise<{ name: string; creationTime: number }[]> {
  const entries = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return entries.flatMap((entry) => {
    const [, name, time] = /^(.+)~(\d+)$/.exec(entry) ?? [];
    return name === undefined ? [] : { name: decodeURIComponent(name), creationTime: Number(time) };
  });
}
