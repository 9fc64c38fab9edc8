/** One write of a container's process, as the engine frames it. */
export interface Frame {
  readonly stream: 'stdout' | 'stderr';
  readonly data: Buffer;
}

const HEADER = 8;
const STDERR = 2;

/**
 * Takes the engine's multiplexed stream apart: 8 bytes (stream number, three zeros, length big-endian), then as many
 * bytes of payload. Chunks may end anywhere. One frame is one message of the log driver.
 */
export class FrameParser {
  // Chunks of a frame that is not whole yet; joined once, because joining at each chunk costs the square of a frame.
  #chunks: Buffer[] = [];
  #size = 0;
  #needed = HEADER;

  *push(chunk: Buffer): Generator<Frame> {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size < this.#needed) return;
    let rest = Buffer.concat(this.#chunks);
    while (rest.length >= HEADER) {
      const end = HEADER + rest.readUInt32BE(4);
      if (rest.length < end) break;
      yield {
        stream: rest[0] === STDERR ? 'stderr' : 'stdout',
        data: rest.subarray(HEADER, end),
      };
      rest = rest.subarray(end);
    }
    this.#keep(rest);
  }

  #keep(rest: Buffer): void {
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#size = rest.length;
    this.#needed = rest.length < HEADER ? HEADER : HEADER + rest.readUInt32BE(4);
  }
}

/** Output of a container with a TTY is one raw stream; cut behind each line end, so that a piece begins with its timestamp. */
export class RawParser {
  #rest = Buffer.alloc(0);

  *push(chunk: Buffer): Generator<Frame> {
    let rest = Buffer.concat([this.#rest, chunk]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      yield { stream: 'stdout', data: rest.subarray(0, end + 1) };
      rest = rest.subarray(end + 1);
    }
    this.#rest = rest;
  }

  *end(): Generator<Frame> {
    if (this.#rest.length > 0) yield { stream: 'stdout', data: this.#rest };
  }
}

/**
 * The engine puts a time before each frame, and cuts lines of more than 16 KiB into several: RFC 3339 in nanoseconds, then a
 * blank. A frame without one (no driver of ours) is dated 0.
 */
export function splitTimestamp(data: Buffer): { timestamp: number; text: Buffer } {
  const blank = data.indexOf(32);
  const timestamp = blank > 0 ? Date.parse(data.toString('latin1', 0, blank)) : Number.NaN;
  return Number.isNaN(timestamp)
    ? { timestamp: 0, text: data }
    : { timestamp, text: data.subarray(blank + 1) };
}
