import type { TextTypes } from './capture-settings.js';
import { type CaptureWriter, SLAB_BYTES } from './capture-writer.js';
import { type Gathered, MOST_INLINE } from './gathered.js';
import { ABSENT, HEAD_BYTES, type WrittenFile } from './slab-message.js';
import type { Taken } from './taken.js';

/** A file of captured requests while it is filled: into a slab, which goes to the writer when it is full. */
export class CaptureFile {
  requests = 0;
  bytes = 0;
  readonly #writer: CaptureWriter;
  readonly #path: string;
  readonly #types: TextTypes;
  readonly #file: number;
  readonly #whole: Promise<WrittenFile>;
  #slab: Buffer;
  #used = 0;
  #slabBytes = 0;
  #large: ArrayBuffer[] = [];
  #isFirst = true;

  constructor(writer: CaptureWriter, path: string, types: TextTypes) {
    this.#writer = writer;
    this.#path = path;
    this.#types = types;
    const { file, whole } = writer.open();
    this.#file = file;
    this.#whole = whole;
    this.#slab = writer.slab();
  }

  /** Adds a request, with the room that it has taken. */
  add({ about, input, output, bytes }: Taken, time: number): void {
    const most = HEAD_BYTES + 3 * about.length + inlineLength(input) + inlineLength(output);
    if (this.#used + most > SLAB_BYTES) this.#send(false);
    const slab = this.#slab;
    const head = this.#used;
    const aboutLength = slab.write(about, head + HEAD_BYTES);
    slab.writeDoubleLE(time, head);
    slab.writeUInt32LE(aboutLength, head + 8);
    slab.writeUInt32LE(input?.length ?? ABSENT, head + 12);
    slab.writeUInt32LE(output?.length ?? ABSENT, head + 16);
    this.#used = head + HEAD_BYTES + aboutLength;
    this.#place(input);
    this.#place(output);
    this.#slabBytes += bytes;
    this.bytes += bytes;
    this.requests += 1;
  }

  /** Sends what there is of it. @returns the file, whole; rejects where it could not be written */
  end(): Promise<WrittenFile> {
    this.#send(true);
    return this.#whole;
  }

  #place(body: Gathered | undefined): void {
    if (body === undefined) return;
    const { bytes } = body;
    if (bytes.length > MOST_INLINE) this.#large.push(bytes.buffer as ArrayBuffer);
    else this.#used += bytes.copy(this.#slab, this.#used);
  }

  #send(isLast: boolean): void {
    this.#writer.send({
      ...{ file: this.#file, path: this.#path, types: this.#types, isFirst: this.#isFirst, isLast },
      slab: this.#slab.buffer as ArrayBuffer,
      used: this.#used,
      large: this.#large,
      bytes: this.#slabBytes,
    });
    this.#isFirst = false;
    if (isLast) return;
    this.#slab = this.#writer.slab();
    this.#used = 0;
    this.#slabBytes = 0;
    this.#large = [];
  }
}

function inlineLength(body: Gathered | undefined): number {
  return body === undefined || body.length > MOST_INLINE ? 0 : body.length;
}
