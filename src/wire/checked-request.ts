import { createHash } from 'node:crypto';
import { IncomingMessage } from 'node:http';
import { ServiceError } from '../errors.js';

/** A request whose body has been read, or is checked as it is read, in the place of the one that came. */
class CheckedRequest extends IncomingMessage {
  readonly #resume: () => void;

  constructor(original: IncomingMessage, resume: () => void) {
    super(original.socket);
    this.#resume = resume;
    this.method = original.method;
    this.url = original.url;
    this.httpVersion = original.httpVersion;
    this.headers = original.headers;
    this.rawHeaders = original.rawHeaders;
    // Its end is this stream's own; the connection belongs to the original.
    this.complete = true;
    // As with the original, an error that nobody waits for is none: the answer may have gone out before the body was read.
    this.on('error', () => undefined);
  }

  override _read(): void {
    this.#resume();
  }

  /** Whatever becomes of the body, its answer still goes over the connection. */
  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    done(error);
  }
}

/** The request with the body that has been read of it. */
export function withBody(request: IncomingMessage, body: Buffer): IncomingMessage {
  let given = false;
  const checked: CheckedRequest = new CheckedRequest(request, () => {
    if (given) return;
    given = true;
    if (body.length > 0) checked.push(body);
    checked.push(null);
  });
  return checked;
}

/**
 * The request with a body that fails at its end unless its SHA-256 is `wanted`: with S3's own error, so that nothing is
 * kept of it. Nothing is held but the hash.
 */
export function withHash(request: IncomingMessage, wanted: string): IncomingMessage {
  const hash = createHash('sha256');
  const checked = new CheckedRequest(request, () => request.resume());
  request.pause();
  request.on('data', (chunk: Buffer) => {
    hash.update(chunk);
    if (!checked.push(chunk)) request.pause();
  });
  request.once('end', () => {
    if (hash.digest('hex') === wanted) checked.push(null);
    else checked.destroy(hashMismatch());
  });
  request.once('error', (error) => checked.destroy(error));
  return checked;
}

function hashMismatch(): ServiceError {
  return new ServiceError(
    'XAmzContentSHA256Mismatch',
    400,
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
  );
}

/** The whole body, or undefined where it is longer than `limit`. Rejects when the client goes away. */
export async function bodyOf(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > limit) return undefined;
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
