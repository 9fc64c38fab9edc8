import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ServiceError } from '../errors.js';
import type { Caller } from '../hosting/arn.js';
import type { Scavenger } from '../hosting/scavenge.js';
import { bytesOf } from '../services/s3/bytes-of.js';
import { s3Error } from '../services/s3/errors.js';
import { operationFor } from '../services/s3/operations.js';
import type { S3Answer, S3Parts, S3Request } from '../services/s3/request.js';
import { drained } from './drained.js';
import { checkPresignedTime } from './presigned.js';
import { readBody } from './read-body.js';
import { s3Address } from './s3-address.js';
import { buildXml, parseXml } from './xml.js';

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** The largest document, DeleteObjects of a thousand long keys, comes to 2 MB; a list of 10,000 parts to 3. */
const MAX_DOCUMENT_BYTES = 8 * 1024 * 1024;

/** Who asks, and what is asked. */
interface S3Asking {
  readonly caller: Caller;
  readonly parts: S3Parts;
  readonly fromContainer?: boolean;
}

/**
 * Answers a request to S3: REST-XML, bodies streamed both ways. Throws only what is a bug, after it has answered.
 *
 * @param path the request's path, without its query
 */
export async function answerS3(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  { caller, parts, fromContainer }: S3Asking,
): Promise<void> {
  const ids = {
    RequestId: randomBytes(8).toString('hex').toUpperCase(),
    HostId: randomBytes(48).toString('base64'),
  };
  response.setHeader('x-amz-request-id', ids.RequestId);
  response.setHeader('x-amz-id-2', ids.HostId);
  let about: Partial<S3Request> = {};
  try {
    const asked = { ...s3Request(path, request, caller), fromContainer };
    about = asked;
    await send(request, response, await run(asked, request, parts), parts.scavenger);
  } catch (error) {
    if (request.destroyed && !request.complete) return; // The client has gone; nobody waits for an answer.
    if (response.headersSent) response.destroy();
    else sendError(request, response, error, { ...resourceOf(path, about), ...ids });
    if (!(error instanceof ServiceError)) throw error;
  }
}

function s3Request(path: string, request: IncomingMessage, caller: Caller): S3Request {
  const address = s3Address(request, path);
  if (address === undefined) throw s3Error('InvalidURI', { URI: path });
  const url = request.url ?? '';
  const at = url.indexOf('?');
  return {
    ...address,
    query: new URLSearchParams(at === -1 ? '' : url.slice(at + 1)),
    headers: request.headers,
    body: request,
    document: (root) => readDocument(request, root),
    caller,
  };
}

async function run(asked: S3Request, request: IncomingMessage, parts: S3Parts): Promise<S3Answer> {
  checkPresignedTime(asked.query, new Date());
  const method = request.method ?? 'GET';
  const passed = await parts.passthrough?.answer(asked, method);
  if (passed !== undefined) return passed;
  const isCopy = asked.headers['x-amz-copy-source'] !== undefined;
  const { operation, name } = operationFor({ ...asked, method, isCopy });
  if (operation !== undefined) return operation(asked, parts);
  if (!name.includes('?')) throw s3Error('MethodNotAllowed', { Method: method });
  throw s3Error('NotImplemented', {}, `smlocal does not serve this S3 operation: ${name}.`);
}

async function readDocument(request: IncomingMessage, root: string) {
  const text = await readBody(request, MAX_DOCUMENT_BYTES);
  const document = text === undefined ? undefined : parseXml(text, root);
  if (document === undefined) throw s3Error('MalformedXML');
  return document;
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status = 200, headers = {}, xml, file, body: passed }: S3Answer,
  scavenger: Scavenger,
): Promise<void> {
  if (passed !== undefined) {
    response.writeHead(status, headers);
    return sendPieces(response, passed, scavenger);
  }
  try {
    const body = xml === undefined ? '' : buildXml(xml[0], NAMESPACE, xml[1]);
    if (xml !== undefined) response.setHeader('content-type', 'application/xml');
    if (file === undefined && status !== 204 && request.method !== 'HEAD') {
      response.setHeader('content-length', Buffer.byteLength(body));
    }
    response.writeHead(status, headers);
    if (file === undefined) response.end(body);
    else await sendPieces(response, bytesOf(file.handle, file.from, file.until), scavenger);
  } finally {
    await file?.handle.close();
  }
}

/** Waits for the reader whenever it is slower than where the pieces come from. */
async function sendPieces(
  response: ServerResponse,
  pieces: AsyncIterable<Buffer>,
  scavenger: Scavenger,
): Promise<void> {
  for await (const piece of pieces) {
    if (response.destroyed) return;
    if (!response.write(piece)) await drained(response);
    scavenger.passed(piece.length);
  }
  response.end();
}

function resourceOf(path: string, { bucket, key }: Partial<S3Request>) {
  return key ? {} : { Resource: bucket === undefined ? path : `/${bucket}` };
}

function sendError(
  request: IncomingMessage,
  response: ServerResponse,
  thrown: unknown,
  members: Readonly<Record<string, unknown>>,
): void {
  const error = thrown instanceof ServiceError ? thrown : s3Error('InternalError');
  if (error.statusCode === 304) {
    response.writeHead(304, { etag: String(error.members.ETag) }).end();
    return;
  }
  const { code: Code, message: Message } = error;
  const body =
    request.method === 'HEAD'
      ? ''
      : buildXml('Error', '', { Code, Message, ...error.members, ...members });
  response.setHeader('content-type', 'application/xml');
  if (request.method !== 'HEAD') response.setHeader('content-length', Buffer.byteLength(body));
  if (error.code === 'InvalidRange') {
    response.setHeader('content-range', `bytes */${error.members.ActualObjectSize}`);
  }
  response.writeHead(error.statusCode).end(body);
}
