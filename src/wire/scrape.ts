import type { IncomingMessage, ServerResponse } from 'node:http';
import { EXPOSITION_TYPE } from '../services/prometheus/exposition.js';
import { bucketOfHost } from './s3-address.js';

const PATH = '/metrics';

/** What AWS's clients send with every request, signed or not. */
const OF_AWS = /^(?:x-amz-|amz-sdk-)/;

/**
 * Whether it is Prometheus that asks. A bucket may be named `metrics` too: what is signed, comes from an SDK, has a query or is
 * no GET is S3's; only its plain, unsigned listing cannot be told from Prometheus.
 */
export function isScrape({
  method,
  url,
  headers,
}: Pick<IncomingMessage, 'method' | 'url' | 'headers'>): boolean {
  if (url !== PATH || method !== 'GET') return false;
  if (headers.authorization?.startsWith('AWS')) return false;
  return bucketOfHost(headers.host) === undefined && !Object.keys(headers).some(isOfAws);
}

function isOfAws(header: string): boolean {
  return OF_AWS.test(header);
}

export function answerScrape(response: ServerResponse, page: string): void {
  response.writeHead(200, {
    'Content-Type': EXPOSITION_TYPE,
    'Content-Length': Buffer.byteLength(page),
    'Cache-Control': 'no-store',
  });
  response.end(page);
}
