import type { IncomingMessage } from 'node:http';

/**
 * A request's whole body as UTF-8 text, or undefined where it is longer than `limit` bytes; the rest is then read and
 * dropped, so that the client gets to its answer. Rejects when the client goes away.
 */
export async function readBody(
  request: IncomingMessage,
  limit: number,
): Promise<string | undefined> {
  return (await readBytes(request, limit))?.toString('utf8');
}

/** As {@link readBody}, the bytes. */
export function readBytes(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= limit) chunks.push(chunk);
      else chunks.length = 0;
    });
    request.once('end', () => resolve(length <= limit ? Buffer.concat(chunks) : undefined));
    request.once('error', reject);
  });
}
