import { Worker } from 'node:worker_threads';
import { messageOf } from '../../errors.js';
import { shipped } from '../../shipped.js';
import { MOST_INLINE } from './gathered.js';
import type { Room } from './room.js';
import {
  ABSENT,
  HEAD_BYTES,
  type SlabDone,
  type SlabMessage,
  type WrittenFile,
} from './slab-message.js';

/** Holds a request whose bodies are just not long, and two hundred of the usual. */
export const SLAB_BYTES = 1024 * 1024;

/** Slabs that are kept, while anything is captured, to be filled again: new memory costs more than filling it. */
const MOST_SPARE = 2;

interface OpenFile {
  readonly resolve: (file: WrittenFile) => void;
  readonly reject: (error: Error) => void;
}

/** The thread that makes lines of captured requests and writes them, and what is known of its files here. It begins with the first slab. */
export class CaptureWriter {
  #worker: Worker | undefined;
  #files = 0;
  #sentBytes = 0;
  #isClosed = false;
  readonly #open = new Map<number, OpenFile>();
  readonly #spare: ArrayBuffer[] = [];

  constructor(private readonly room: Room) {}

  /** A new file. @returns its number, and when it is whole; that rejects where it cannot be written */
  open(): { file: number; whole: Promise<WrittenFile> } {
    this.#files += 1;
    const file = this.#files;
    const whole = new Promise<WrittenFile>((resolve, reject) => {
      this.#open.set(file, { resolve, reject });
    });
    whole.catch(() => undefined); // Whoever asked for it looks when it has been filled.
    return { file, whole };
  }

  /** An empty slab. */
  slab(): Buffer {
    return Buffer.from(this.#spare.pop() ?? new ArrayBuffer(SLAB_BYTES));
  }

  /** Hands a slab over; its room is given back when it has been written. */
  send(message: SlabMessage): void {
    if (this.#isClosed) this.#fail(new Error('smlocal is stopping'));
    if (!this.#open.has(message.file)) {
      this.room.give(message.bytes);
      return;
    }
    this.#sentBytes += message.bytes;
    this.#worker ??= this.#start();
    this.#worker.postMessage(message, [message.slab, ...message.large]);
  }

  /** Ends the thread; files that are not whole fail. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const worker = this.#worker;
    this.#fail(new Error('smlocal is stopping'));
    await worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(shipped('hosting/capture/writer-thread.js'), {
      workerData: { ABSENT, HEAD_BYTES, MOST_INLINE },
      resourceLimits: { maxYoungGenerationSizeMb: 8 },
    });
    worker.on('message', (done: SlabDone) => this.#done(done));
    worker.on('error', (error) => {
      if (worker === this.#worker) this.#fail(error);
    });
    worker.unref();
    return worker;
  }

  #done({ file, slab, bytes, whole, fault }: SlabDone): void {
    this.#sentBytes -= bytes;
    this.room.give(bytes);
    if (this.#spare.length < MOST_SPARE) this.#spare.push(slab);
    if (whole === undefined && fault === undefined) return;
    const open = this.#open.get(file);
    this.#open.delete(file);
    if (this.#open.size === 0) this.#spare.length = 0;
    if (whole !== undefined) open?.resolve(whole);
    else open?.reject(new Error(fault));
  }

  /** The thread is gone; another begins with the next file. */
  #fail(error: unknown): void {
    this.#worker = undefined;
    this.room.give(this.#sentBytes);
    this.#sentBytes = 0;
    const failed = [...this.#open.values()];
    this.#open.clear();
    for (const { reject } of failed) reject(new Error(messageOf(error)));
  }
}
