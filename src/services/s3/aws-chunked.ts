import { s3Error } from './errors.js';

const NEWLINE = 0x0a;

/** Far above any chunk's header or trailer, signatures included. */
const MOST_LINE_BYTES = 16 * 1024;

const CHUNK = /^([0-9a-f]{1,16})\s*(;.*)?$/i;

/**
 * Takes off the framing of `Content-Encoding: aws-chunked` (S3 API reference, "SigV4 streaming"): chunks, each with its size
 * and perhaps a signature before it, and trailers behind the last. Signatures are not checked here.
 *
 * @param trailers filled, names in lower case, when the end has been read
 * @throws ServiceError `IncompleteBody` where it ends too early, `InvalidRequest` where it is not so framed
 */
export async function* decodeAwsChunked(
  source: AsyncIterable<Buffer>,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer> {
  const decoder = new Decoder(trailers);
  for await (const piece of source) yield* decoder.read(piece);
  decoder.end();
}

class Decoder {
  #state: 'size' | 'data' | 'data-end' | 'trailers' | 'done' = 'size';
  #line = '';
  /** Bytes of the chunk that are still to come. */
  #left = 0;

  constructor(private readonly trailers: Map<string, string>) {}

  *read(piece: Buffer): Generator<Buffer> {
    for (let at = 0; at < piece.length; ) {
      if (this.#state === 'done') return;
      if (this.#state === 'data') {
        const data = piece.subarray(at, at + this.#left);
        at += data.length;
        this.#left -= data.length;
        if (this.#left === 0) this.#state = 'data-end';
        yield data;
      } else {
        at = this.#readLine(piece, at);
      }
    }
  }

  /** A sender may leave out the empty line at the very end. */
  end(): void {
    if (this.#state === 'trailers' && this.#line !== '') this.#takeLine();
    if (this.#state !== 'trailers' && this.#state !== 'done') throw s3Error('IncompleteBody');
  }

  #readLine(piece: Buffer, from: number): number {
    const newline = piece.indexOf(NEWLINE, from);
    const until = newline === -1 ? piece.length : newline;
    if (this.#line.length + until - from > MOST_LINE_BYTES) throw malformed();
    this.#line += piece.toString('latin1', from, until);
    if (newline === -1) return until;
    this.#takeLine();
    return newline + 1;
  }

  #takeLine(): void {
    const line = this.#line.replace(/\r$/, '');
    this.#line = '';
    if (this.#state === 'size') this.#takeSize(line);
    else if (this.#state === 'data-end') this.#takeEndOfData(line);
    else this.#takeTrailer(line);
  }

  #takeSize(line: string): void {
    const [, hex] = CHUNK.exec(line) ?? [];
    if (hex === undefined) throw malformed();
    this.#left = Number.parseInt(hex, 16);
    this.#state = this.#left === 0 ? 'trailers' : 'data';
  }

  #takeEndOfData(line: string): void {
    if (line !== '') throw malformed();
    this.#state = 'size';
  }

  #takeTrailer(line: string): void {
    const colon = line.indexOf(':');
    if (colon > 0)
      this.trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
    else if (line === '') this.#state = 'done';
    else throw malformed();
  }
}

function malformed() {
  return s3Error('InvalidRequest', {}, 'The body is not encoded as aws-chunked says.');
}
