import type { LogLine } from './engine.js';
import type { Frame } from './log-frames.js';

/** A longer line comes in pieces of this many bytes, so that no container can make us hold an endless one. */
export const MAX_LINE_BYTES = 64 * 1024;

const LF = 10;

interface Pending {
  timestamp: number;
  readonly parts: Buffer[];
  size: number;
}

/**
 * Makes lines of one stream's frames. The engine puts a timestamp before each frame and cuts lines of more than 16 KiB
 * into several frames, of which only the last ends in a line feed.
 */
export class LineAssembler {
  readonly #stream: LogLine['stream'];
  #pending: Pending | undefined;

  constructor(stream: LogLine['stream']) {
    this.#stream = stream;
  }

  *push({ data }: Frame): Generator<LogLine> {
    const { timestamp, text } = splitTimestamp(data);
    const ended = text.at(-1) === LF;
    this.#append(timestamp, ended ? text.subarray(0, -1) : text);
    yield* this.#overlong();
    if (ended) yield* this.end();
  }

  /** What is left when the output ends without a line feed. */
  *end(): Generator<LogLine> {
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending !== undefined) yield this.#line(pending.timestamp, Buffer.concat(pending.parts));
  }

  #append(timestamp: number, data: Buffer): void {
    this.#pending ??= { timestamp, parts: [], size: 0 };
    this.#pending.parts.push(data);
    this.#pending.size += data.length;
  }

  *#overlong(): Generator<LogLine> {
    const pending = this.#pending;
    if (pending === undefined || pending.size <= MAX_LINE_BYTES) return;
    let rest = Buffer.concat(pending.parts);
    while (rest.length > MAX_LINE_BYTES) {
      const cut = characterBoundary(rest, MAX_LINE_BYTES);
      yield this.#line(pending.timestamp, rest.subarray(0, cut));
      rest = rest.subarray(cut);
    }
    // Copied: a slice would keep the whole chunk that it was cut from in memory.
    this.#pending = { timestamp: pending.timestamp, parts: [Buffer.from(rest)], size: rest.length };
  }

  #line(timestamp: number, bytes: Buffer): LogLine {
    return { stream: this.#stream, timestamp, text: asOnScreen(bytes.toString('utf8')) };
  }
}

/** Timestamps are RFC 3339 in nanoseconds, then a blank; a frame without one (no driver of ours) is dated 0. */
function splitTimestamp(data: Buffer): { timestamp: number; text: Buffer } {
  const blank = data.indexOf(32);
  const timestamp = blank > 0 ? Date.parse(data.toString('latin1', 0, blank)) : Number.NaN;
  return Number.isNaN(timestamp)
    ? { timestamp: 0, text: data }
    : { timestamp, text: data.subarray(blank + 1) };
}

/** The last place at or before `limit` that does not fall inside a UTF-8 character (continuation bytes are 10xxxxxx). */
function characterBoundary(bytes: Buffer, limit: number): number {
  let cut = limit;
  while (cut > limit - 4 && ((bytes[cut] ?? 0) & 0b1100_0000) === 0b1000_0000) cut--;
  return cut > limit - 4 ? cut : limit;
}

/** A progress bar repaints its line with carriage returns: what a terminal shows in the end is what follows the last. */
function asOnScreen(text: string): string {
  const trimmed = text.replace(/\r+$/, '');
  return trimmed.slice(trimmed.lastIndexOf('\r') + 1);
}
