import { EventEmitter, on } from 'node:events';
import type { Readable } from 'node:stream';
import type { LogLine } from '../engine.js';
import { LineAssembler } from '../log-lines.js';

/** About what an engine keeps of a container's output: some megabytes. */
const MOST_LINES = 20_000;

/** Old lines go so many at a time: to take one from the front of a long list moves all others. */
const DROPPED_AT_ONCE = 1_000;

/** What comes within this time is read at once: a server that prints a line for each call would wake us thousands of times a second. */
const GATHER_MS = 10;

const LF = 10;

export interface OutputOptions {
  readonly tail?: number;
  readonly follow?: boolean;
  readonly signal?: AbortSignal;
}

/** What a process has printed, as far back as is kept. */
export class ProcessOutput {
  readonly #lines: LogLine[] = [];
  readonly #events = new EventEmitter<{ line: [LogLine]; end: [] }>();
  #open = 0;

  constructor() {
    // One listener for each that follows; there may be many.
    this.#events.setMaxListeners(0);
  }

  /** Takes in one of the process's two streams until it ends. */
  collect(stream: LogLine['stream'], source: Readable): void {
    this.#open += 1;
    const assembler = new LineAssembler(stream);
    source.on('data', (chunk: Buffer) => {
      for (const data of datedPieces(chunk)) {
        for (const line of assembler.push({ stream, data })) this.#add(line);
      }
      source.pause();
      setTimeout(() => source.resume(), GATHER_MS);
    });
    source.once('close', () => {
      for (const line of assembler.end()) this.#add(line);
      this.#open -= 1;
      if (this.#open === 0) this.#events.emit('end');
    });
  }

  /** The lines in order; with `follow` until both streams have ended. */
  async *read({ tail, follow = false, signal }: OutputOptions = {}): AsyncGenerator<LogLine> {
    const kept =
      tail === undefined ? [...this.#lines] : this.#lines.slice(-tail || this.#lines.length);
    if (signal?.aborted) return;
    if (!follow || this.#open === 0) {
      yield* tail === 0 ? [] : kept;
      return;
    }
    const ended = new AbortController();
    const stop = () => ended.abort();
    this.#events.once('end', stop);
    signal?.addEventListener('abort', stop, { once: true });
    // Listening begins before the kept lines are given out, so that none falls in between.
    const coming = on(this.#events, 'line', { signal: ended.signal });
    try {
      yield* tail === 0 ? [] : kept;
      if (signal?.aborted) return;
      for await (const [line] of coming) yield line as LogLine;
    } catch (error) {
      if (!ended.signal.aborted) throw error;
    } finally {
      this.#events.off('end', stop);
      signal?.removeEventListener('abort', stop);
    }
  }

  #add(line: LogLine): void {
    this.#lines.push(line);
    if (this.#lines.length > MOST_LINES) this.#lines.splice(0, DROPPED_AT_ONCE);
    this.#events.emit('line', line);
  }
}

/** A chunk as a container engine's log has it: cut behind each line end, each piece with its time before it. */
function* datedPieces(chunk: Buffer): Generator<Buffer> {
  const date = Buffer.from(`${new Date().toISOString()} `);
  let start = 0;
  while (start < chunk.length) {
    const end = chunk.indexOf(LF, start) + 1 || chunk.length;
    yield Buffer.concat([date, chunk.subarray(start, end)]);
    start = end;
  }
}
