import type { IncomingHttpHeaders } from 'node:http';
import { decodeAwsChunked } from '../aws-chunked.js';
import type { S3Request } from '../request.js';

/** Of one connection alone (RFC 9110, 7.6.1), and what is signed anew. */
const OWN = [
  ...['connection', 'keep-alive', 'proxy-authorization', 'proxy-connection', 'te', 'trailer'],
  ...['transfer-encoding', 'upgrade', 'expect', 'host', 'authorization', 'date', 'x-amz-date'],
  ...['x-amz-security-token', 'x-amz-content-sha256', 'amz-sdk-request', 'amz-sdk-invocation-id'],
];

/** The signature of a presigned URL, of either version. */
const SIGNATURE =
  /^(x-amz-(algorithm|credential|date|expires|signedheaders|signature|security-token|content-sha256)|awsaccesskeyid|signature|expires)$/i;

/** Of what comes back, what is of one connection, or of one answer alone. */
const OF_THE_WAY = ['connection', 'keep-alive', 'transfer-encoding', 'trailer', 'upgrade', 'te'];

/** What marks a request that has been passed on, so that it is not passed on in a circle. */
export const VIA = '1.1 smlocal';

const HASH = /^[0-9a-f]{64}$/;

/** A request as it goes on: without its signature, and with a body that the other side can take. */
export interface Forwarded {
  readonly query: readonly (readonly [string, string])[];
  readonly headers: Record<string, string>;
  readonly body: AsyncIterable<Buffer> | undefined;
}

/**
 * What is passed on of a request. A body's SHA-256 and its trailing checksums stay, for the other side to hold it against;
 * signatures of single chunks are the client's own, and go.
 */
export function forwarded({ headers, query, body }: S3Request, method: string): Forwarded {
  const kept = headersWithout(headers, OWN);
  kept.via = headers.via === undefined ? VIA : `${headers.via}, ${VIA}`;
  const said = String(headers['x-amz-content-sha256'] ?? '');
  const pairs = [...query].filter(([name]) => !SIGNATURE.test(name));
  if (!hasBody(headers, method)) {
    delete kept['content-length'];
    // A PUT that says nothing of its length is refused.
    if (method === 'PUT' || method === 'POST') kept['content-length'] = '0';
    return { query: pairs, headers: { ...kept, 'x-amz-content-sha256': EMPTY }, body: undefined };
  }
  if (said.startsWith('STREAMING-AWS4-'))
    return { query: pairs, ...unsignedChunks(kept, said, body) };
  return { query: pairs, headers: { ...kept, ...hashed(said) }, body };
}

/** SHA-256 of nothing. */
export const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

function hashed(said: string): { 'x-amz-content-sha256': string } {
  const stays = HASH.test(said) || said === 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';
  return { 'x-amz-content-sha256': stays ? said : 'UNSIGNED-PAYLOAD' };
}

function hasBody(headers: IncomingHttpHeaders, method: string): boolean {
  if (method === 'GET' || method === 'HEAD') return false;
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Takes the chunks' signatures off; trailing checksums are put behind the content as unsigned requests have them. */
function unsignedChunks(
  headers: Record<string, string>,
  said: string,
  body: AsyncIterable<Buffer>,
): Pick<Forwarded, 'headers' | 'body'> {
  const trailers = new Map<string, string>();
  const content = decodeAwsChunked(body, trailers);
  if (said.endsWith('-TRAILER')) {
    const { 'content-length': _, ...rest } = headers;
    const marker = { 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' };
    return { headers: { ...rest, ...marker }, body: inChunks(content, trailers) };
  }
  const { 'x-amz-decoded-content-length': length = '', ...rest } = headers;
  const encoding = (rest['content-encoding'] ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== 'aws-chunked' && one !== '');
  delete rest['content-encoding'];
  if (encoding.length > 0) rest['content-encoding'] = encoding.join(',');
  return { headers: { ...rest, 'content-length': length, ...hashed('') }, body: content };
}

async function* inChunks(
  content: AsyncIterable<Buffer>,
  trailers: ReadonlyMap<string, string>,
): AsyncGenerator<Buffer> {
  for await (const piece of gathered(content)) {
    yield Buffer.from(`${piece.length.toString(16)}\r\n`);
    yield piece;
    yield Buffer.from('\r\n');
  }
  const lines = [...trailers]
    .filter(([name]) => name !== 'x-amz-trailer-signature')
    .map(([name, value]) => `${name}:${value}\r\n`);
  yield Buffer.from(`0\r\n${lines.join('')}\r\n`);
}

/** S3 takes no chunk of less than 8 kB, but for the last. */
const CHUNK_BYTES = 64 * 1024;

async function* gathered(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of content) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes < CHUNK_BYTES) continue;
    yield Buffer.concat(pieces);
    pieces = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(pieces);
}

/** The headers of an answer that are its reader's. */
export function answerHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  return headersWithout(headers, OF_THE_WAY);
}

function headersWithout(
  headers: IncomingHttpHeaders,
  unwanted: readonly string[],
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !unwanted.includes(name)) kept[name] = [value].flat().join(',');
  }
  return kept;
}
