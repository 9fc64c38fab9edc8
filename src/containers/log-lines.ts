import type { LogLine } from './engine.js';

/** A longer line comes in pieces of this many bytes, so that no container can make us hold an endless one. */
export const MAX_LINE_BYTES = 64 * 1024;

const LF = 10;

interface Pending {
  timestamp: number;
  readonly parts: Buffer[];
  size: number;
}

/** Makes lines of one stream's pieces: each is a line, or a part of one, of which only the last ends in a line feed. */
export class LineAssembler {
  readonly #stream: LogLine['stream'];
  #pending: Pending | undefined;

  constructor(stream: LogLine['stream']) {
    this.#stream = stream;
  }

  /** @param timestamp when it was printed; a line has that of its first piece */
  push(timestamp: number, piece: Buffer): LogLine[] {
    const ended = piece.at(-1) === LF;
    const text = ended ? piece.subarray(0, -1) : piece;
    // As nearly all are.
    if (ended && this.#pending === undefined && text.length <= MAX_LINE_BYTES)
      return [this.#line(timestamp, text)];
    this.#append(timestamp, text);
    const lines = this.#overlong();
    return ended ? [...lines, ...this.end()] : lines;
  }

  /** What is left when the output ends without a line feed. */
  end(): LogLine[] {
    const pending = this.#pending;
    this.#pending = undefined;
    return pending === undefined
      ? []
      : [this.#line(pending.timestamp, Buffer.concat(pending.parts))];
  }

  #append(timestamp: number, data: Buffer): void {
    this.#pending ??= { timestamp, parts: [], size: 0 };
    // Copied: it is a slice, by which all that came with it would be kept in memory.
    this.#pending.parts.push(Buffer.from(data));
    this.#pending.size += data.length;
  }

  #overlong(): LogLine[] {
    const pending = this.#pending;
    if (pending === undefined || pending.size <= MAX_LINE_BYTES) return [];
    const lines: LogLine[] = [];
    let rest = Buffer.concat(pending.parts);
    while (rest.length > MAX_LINE_BYTES) {
      const cut = characterBoundary(rest, MAX_LINE_BYTES);
      lines.push(this.#line(pending.timestamp, rest.subarray(0, cut)));
      rest = rest.subarray(cut);
    }
    this.#pending = { timestamp: pending.timestamp, parts: [Buffer.from(rest)], size: rest.length };
    return lines;
  }

  #line(timestamp: number, bytes: Buffer): LogLine {
    return { stream: this.#stream, timestamp, text: asOnScreen(bytes.toString('utf8')) };
  }
}

/** The last place at or before `limit` that does not fall inside a UTF-8 character (continuation bytes are 10xxxxxx). */
function characterBoundary(bytes: Buffer, limit: number): number {
  let cut = limit;
  while (cut > limit - 4 && ((bytes[cut] ?? 0) & 0b1100_0000) === 0b1000_0000) cut--;
  return cut > limit - 4 ? cut : limit;
}

/** A progress bar repaints its line with carriage returns: what a terminal shows in the end is what follows the last. */
function asOnScreen(text: string): string {
  if (!text.includes('\r')) return text;
  const trimmed = text.replace(/\r+$/, '');
  return trimmed.slice(trimmed.lastIndexOf('\r') + 1);
}
