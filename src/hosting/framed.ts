import type { ServerResponse } from 'node:http';
import { Writable } from 'node:stream';

/** How an answer's body is wrapped on its way to the client, for protocols that do. */
export interface Framing {
  /** One chunk, as the container sent it. */
  readonly part: (chunk: Buffer) => Buffer;
  /** The last words to a client whose answer has begun and will not be whole. */
  readonly broken: (timedOut: boolean) => Buffer;
}

/** Takes a container's body and writes it, wrapped, to the client; ends the answer only where the body ended well. */
export function framed(response: ServerResponse, { part }: Framing): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (response.write(part(chunk))) done();
      else response.once('drain', done);
    },
    final(done) {
      response.end(done);
    },
  });
}
