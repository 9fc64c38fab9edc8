import type { IncomingMessage } from 'node:http';
import type { SignatureClaim } from './sigv4.js';

/** The longest that a presigned URL may last: a week. */
const MOST_EXPIRES = 604_800;

/**
 * What a request says of its signature, in its header or, presigned, in its query.
 * @returns undefined where it has none, and `incomplete` where it lacks a part or a part is malformed
 */
export function signatureClaim(
  request: IncomingMessage,
): SignatureClaim | 'incomplete' | undefined {
  const { authorization } = request.headers;
  const query = new URLSearchParams((request.url ?? '').split('?').slice(1).join('?'));
  if (authorization === undefined && !query.has('X-Amz-Algorithm')) return undefined;
  const claim = authorization === undefined ? fromQuery(query) : fromHeader(authorization, request);
  return claim ?? 'incomplete';
}

function fromHeader(
  authorization: string,
  { headers }: IncomingMessage,
): SignatureClaim | undefined {
  if (!authorization.startsWith('AWS4-HMAC-SHA256 ')) return undefined;
  const part = (name: string) => new RegExp(`[ ,]${name}=([^, ]+)`).exec(authorization)?.[1];
  const date = headers['x-amz-date'] ?? compact(headers.date);
  return claimOf(part('Credential'), part('SignedHeaders'), part('Signature'), String(date));
}

function fromQuery(query: URLSearchParams): SignatureClaim | undefined {
  const part = (name: string) => query.get(`X-Amz-${name}`) ?? undefined;
  if (part('Algorithm') !== 'AWS4-HMAC-SHA256') return undefined;
  const expires = part('Expires') ?? '';
  if (!/^\d{1,6}$/.test(expires) || Number(expires) > MOST_EXPIRES) return undefined;
  const claim = claimOf(part('Credential'), part('SignedHeaders'), part('Signature'), part('Date'));
  return claim && { ...claim, expires: Number(expires) };
}

function claimOf(
  credential = '',
  signedHeaders = '',
  signature = '',
  date = '',
): SignatureClaim | undefined {
  const [accessKeyId, day, region, service, end, ...more] = credential.split('/');
  if (!accessKeyId || !day || !region || !service || end !== 'aws4_request') return undefined;
  if (more.length > 0 || !/^\d{8}T\d{6}Z$/.test(date) || signature === '') return undefined;
  const names = signedHeaders.toLowerCase().split(';');
  return {
    accessKeyId,
    day,
    region,
    service,
    signedHeaders: names,
    signature,
    date,
    expires: undefined,
  };
}

/** `20260101T000000Z` of a date as HTTP writes it. */
function compact(date: string | undefined): string | undefined {
  const time = Date.parse(date ?? '');
  if (Number.isNaN(time)) return undefined;
  return new Date(time).toISOString().replace(/[-:]|\.\d+/g, '');
}

/** Milliseconds since the epoch of `20260101T000000Z`. */
export function timeOf(date: string): number {
  return Date.parse(date.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'));
}
