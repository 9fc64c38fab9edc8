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
  readonly #events = new EventEmitter<{ lines: [readonly LogLine[]]; end: [] }>();
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
      const now = Date.now();
      this.#add([...pieces(chunk)].flatMap((piece) => assembler.push(now, piece)));
      source.pause();
      setTimeout(() => source.resume(), GATHER_MS);
    });
    source.once('close', () => {
      this.#add(assembler.end());
      this.#open -= 1;
      if (this.#open === 0) this.#events.emit('end');
    });
  }

  /** The lines in order, those together that came together; with `follow` until both streams have ended. */
  async *read(options: OutputOptions = {}): AsyncGenerator<readonly LogLine[]> {
    const { tail, follow = false, signal } = options;
    const kept = tail === 0 ? [] : this.#lines.slice(tail === undefined ? 0 : -tail);
    if (signal?.aborted) return;
    if (!follow || this.#open === 0) {
      if (kept.length > 0) yield kept;
      return;
    }
    const ended = new AbortController();
    const stop = () => ended.abort();
    this.#events.once('end', stop);
    signal?.addEventListener('abort', stop, { once: true });
    // Listening begins before the kept lines are given out, so that none falls in between.
    const coming = on(this.#events, 'lines', { signal: ended.signal });
    try {
      if (kept.length > 0) yield kept;
      if (signal?.aborted) return;
      for await (const [lines] of coming) yield lines as readonly LogLine[];
    } catch (error) {
      if (!ended.signal.aborted) throw error;
    } finally {
      this.#events.off('end', stop);
      signal?.removeEventListener('abort', stop);
    }
  }

  #add(lines: readonly LogLine[]): void {
    if (lines.length === 0) return;
    this.#lines.push(...lines);
    const tooMany = this.#lines.length - MOST_LINES;
    if (tooMany > 0) this.#lines.splice(0, Math.max(tooMany, DROPPED_AT_ONCE));
    this.#events.emit('lines', lines);
  }
}

/** A chunk cut behind each line end. */
function* pieces(chunk: Buffer): Generator<Buffer> {
  let start = 0;
  while (start < chunk.length) {
    const end = chunk.indexOf(LF, start) + 1 || chunk.length;
    yield chunk.subarray(start, end);
    start = end;
  }
}
