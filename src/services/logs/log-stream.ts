import { createHash } from 'node:crypto';
import { appendFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** One line of a container's output, as it is kept. */
export interface LogEvent {
  /** Counts a stream's events from 0; goes on when old ones are dropped. */
  readonly ordinal: number;
  readonly timestamp: number;
  readonly ingestionTime: number;
  readonly message: string;
}

export interface StreamLimits {
  /** A file that is longer is followed by another. */
  readonly segmentBytes: number;
  /** All files of a stream; the oldest goes when they are more. */
  readonly streamBytes: number;
}

/** Some events of a stream, in a file that is named after the first of them. */
interface Segment {
  readonly file: string;
  readonly first: number;
  count: number;
  bytes: number;
}

const SUFFIX = '.ndjson';

/** Lines that come one upon the other are written together: a server that prints one for each call prints thousands a second. */
const GATHER_MS = 50;

const LF = 10;

/**
 * A log stream in a folder of its own: files of one event a line, in the order of their times. Whatever is asked of it is
 * done one thing after the other.
 */
export class LogStream {
  readonly #limits: StreamLimits;
  readonly #onError: (error: unknown) => void;
  #work: Promise<unknown>;
  #segments: Segment[] = [];
  #pending: Omit<LogEvent, 'ordinal'>[] = [];
  #pendingBytes = 0;
  #gathering: NodeJS.Timeout | undefined;
  #firstTimestamp: number | undefined;
  #last: Omit<LogEvent, 'ordinal' | 'message'> | undefined;
  /** Set where a write has failed or the file is another run's: its last line may be half a one. */
  #startAnew = true;

  constructor(
    readonly name: string,
    readonly creationTime: number,
    readonly directory: string,
    options: { readonly limits: StreamLimits; readonly onError: (error: unknown) => void },
  ) {
    this.#limits = options.limits;
    this.#onError = options.onError;
    this.#work = this.#load().catch(this.#onError);
  }

  /** Of its files. */
  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get firstTimestamp(): number | undefined {
    return this.#firstTimestamp;
  }

  get lastTimestamp(): number | undefined {
    return this.#last?.timestamp;
  }

  get lastIngestionTime(): number | undefined {
    return this.#last?.ingestionTime;
  }

  /** How many bytes wait to be written. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Keeps an event, soon; one that is earlier than the last gets its time, so that order and times agree. */
  append(timestamp: number, ingestionTime: number, message: string): void {
    this.#pending.push({ timestamp, ingestionTime, message });
    this.#pendingBytes += message.length;
    this.#gathering ??= setTimeout(() => this.#flush(), GATHER_MS).unref();
  }

  /** Resolves when what it was asked before is done. */
  async settled(): Promise<void> {
    this.#flush();
    await this.#work;
  }

  /** All that is kept, the oldest first. */
  events(): Promise<LogEvent[]> {
    this.#flush();
    return this.#enqueue(async () => {
      const events: LogEvent[] = [];
      for (const segment of this.#segments) {
        const lines = (await textOf(segment.file)).split('\n');
        for (const [index, line] of lines.slice(0, segment.count).entries()) {
          const event = eventOf(line, segment.first + index);
          if (event !== undefined) events.push(event);
        }
      }
      return events;
    });
  }

  /** Removes it from the disk. */
  remove(): Promise<void> {
    this.#flush();
    return this.#enqueue(() => rm(this.directory, { recursive: true, force: true }));
  }

  /** Has what was gathered written, after what is being done. */
  #flush(): void {
    if (this.#gathering === undefined) return;
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    this.#enqueue(() => this.#write()).catch(this.#onError);
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#work.then(work);
    this.#work = done.catch(() => undefined);
    return done;
  }

  async #load(): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    const names = (await readdir(this.directory)).filter((name) => name.endsWith(SUFFIX)).sort();
    for (const name of names) {
      const file = join(this.directory, name);
      const content = await readFile(file);
      const { count, edges } = linesOf(content);
      this.#segments.push({
        ...{ file, first: Number.parseInt(name, 10) },
        ...{ count, bytes: content.length },
      });
      this.#note(edges.map((line) => eventOf(line, 0)).filter((event) => event !== undefined));
    }
  }

  async #write(): Promise<void> {
    const batch = this.#pending;
    this.#pending = [];
    this.#pendingBytes = 0;
    let least = this.#last?.timestamp ?? 0;
    const events = batch.map((event) => {
      least = Math.max(least, event.timestamp);
      return { ...event, timestamp: least };
    });
    const text = events.map(lineOf).join('');
    const segment = this.#segmentToWrite();
    segment.count += events.length;
    this.#startAnew = true;
    await appendFile(segment.file, text, { mode: 0o600 });
    this.#startAnew = false;
    segment.bytes += Buffer.byteLength(text);
    this.#note(events);
    await this.#dropOldest();
  }

  #segmentToWrite(): Segment {
    const last = this.#segments.at(-1);
    if (last !== undefined && !this.#startAnew && last.bytes < this.#limits.segmentBytes) {
      return last;
    }
    const first = last === undefined ? 0 : last.first + last.count;
    const file = join(this.directory, `${String(first).padStart(16, '0')}${SUFFIX}`);
    const segment = { file, first, count: 0, bytes: 0 };
    this.#segments.push(segment);
    return segment;
  }

  async #dropOldest(): Promise<void> {
    while (this.#segments.length > 1 && this.bytes > this.#limits.streamBytes) {
      const [oldest] = this.#segments.splice(0, 1);
      if (oldest !== undefined) await rm(oldest.file, { force: true });
    }
  }

  #note(events: readonly Omit<LogEvent, 'ordinal'>[]): void {
    this.#firstTimestamp ??= events[0]?.timestamp;
    this.#last = events.at(-1) ?? this.#last;
  }
}

/** How many lines a file has, and the first and the last of them: no more is looked at, for there may be a great many. */
function linesOf(content: Buffer): { count: number; edges: string[] } {
  let count = 0;
  let [start, end] = [0, 0];
  for (let at = content.indexOf(LF); at !== -1; at = content.indexOf(LF, at + 1)) {
    count += 1;
    [start, end] = [end, at + 1];
  }
  const first = content.toString('utf8', 0, content.indexOf(LF));
  const half = end < content.length ? 1 : 0;
  return count === 0
    ? { count: half, edges: [] }
    : { count: count + half, edges: [first, content.toString('utf8', start, end)] };
}

/** What a file holds; nothing where it could not even be begun. */
async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
}

/**
 * An event's id: 56 digits, as the service's are, and in the order of time. The digits of the stream keep those of one moment
 * apart.
 */
export function eventIdOf(stream: LogStream, event: LogEvent): string {
  const digest = createHash('sha256').update(stream.directory).digest('hex').slice(0, 12);
  const streamDigits = String(Number.parseInt(digest, 16)).padStart(16, '0').slice(0, 16);
  return [
    String(event.timestamp).padStart(20, '0'),
    streamDigits,
    String(event.ordinal).padStart(20, '0'),
  ].join('');
}

function lineOf({ timestamp, ingestionTime, message }: Omit<LogEvent, 'ordinal'>): string {
  return `${JSON.stringify([timestamp, ingestionTime, message])}\n`;
}

/** Undefined for half a line, which a kill or a full disk leaves. */
function eventOf(line: string, ordinal: number): LogEvent | undefined {
  try {
    const [timestamp, ingestionTime, message] = JSON.parse(line);
    return { ordinal, timestamp, ingestionTime, message };
  } catch {
    return undefined;
  }
}
