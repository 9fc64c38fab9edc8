import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServiceError } from '../errors.js';
import { runtimeOperation } from './runtime.js';

/** How a service words its errors: AWS JSON, REST-JSON (the runtime), the query protocol (STS, IAM), or S3's XML. */
export type Dialect = 'json' | 'rest-json' | 'query' | 's3';

/** In which dialect whoever sent a request can read a refusal; told by its form, for its content is not looked at yet. */
export function dialectOf({
  url = '/',
  headers,
}: Pick<IncomingMessage, 'url' | 'headers'>): Dialect {
  const path = url.split('?', 1)[0] ?? '';
  if (runtimeOperation(path) !== undefined) return 'rest-json';
  if (headers['x-amz-target'] !== undefined || headers['smithy-protocol'] !== undefined) {
    return 'json';
  }
  if (headers['content-type']?.startsWith('application/x-www-form-urlencoded')) return 'query';
  if (headers['content-type']?.startsWith('application/x-amz-json')) return 'json';
  return path.startsWith('/_smlocal/') ? 'json' : 's3';
}

/** A refusal as bytes of HTTP: status, headers and body. */
export interface Refusal {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Words a refusal in a dialect. Every SDK finds code and message in it. */
export function refusalOf(error: ServiceError, dialect: Dialect, requestId: string): Refusal {
  const { code, message, statusCode } = error;
  const answer = (type: string, body: string, ids: Record<string, string>): Refusal => ({
    statusCode,
    headers: { 'Content-Type': type, 'Content-Length': String(Buffer.byteLength(body)), ...ids },
    body,
  });
  const json = { 'x-amzn-RequestId': requestId, 'x-amzn-ErrorType': code };
  const text = `<Code>${code}</Code><Message>${xml(message)}</Message>`;
  switch (dialect) {
    case 'json':
      return answer('application/x-amz-json-1.1', JSON.stringify({ __type: code, message }), json);
    case 'rest-json':
      return answer('application/json', JSON.stringify({ message }), json);
    case 'query':
      return answer(
        'text/xml',
        `<ErrorResponse><Error><Type>Sender</Type>${text}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
        { 'x-amzn-RequestId': requestId },
      );
    case 's3':
      return answer(
        'application/xml',
        `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${text}<RequestId>${requestId}</RequestId></Error>`,
        { 'x-amz-request-id': requestId },
      );
  }
}

/** Answers a request that is not let in. What comes of its body is dropped, so that its sender gets to read the answer. */
export function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  error: ServiceError,
): void {
  const { statusCode, headers, body } = refusalOf(error, dialectOf(request), randomUUID());
  if (statusCode === 503) response.shouldKeepAlive = false; // There were too many already.
  response.writeHead(statusCode, headers);
  response.end(body);
}

function xml(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
  return text.replace(/[&<>]/g, (character) => entities[character] ?? character);
}
