import type { IncomingMessage, ServerResponse } from 'node:http';
import { ServiceError } from '../errors.js';
import { readBody } from './read-body.js';
import { buildXml } from './xml.js';

const MAX_BODY_BYTES = 1024 * 1024;

/** A service that speaks AWS's query protocol: a form in, a document out. */
export interface QueryService {
  readonly namespace: string;
  /** Does an operation; undefined where there is none of that name. @throws ServiceError */
  run(
    action: string,
    input: URLSearchParams,
  ): Promise<Readonly<Record<string, unknown>> | undefined>;
}

/**
 * Answers a request in the query protocol: `Action=…&Version=…` in a form, or in the query of a GET. Throws only what is a
 * bug, after it has answered.
 *
 * @param serviceOf the service that a form is for, which its version tells
 */
export async function answerQuery(
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
  serviceOf: (version: string) => QueryService | undefined,
): Promise<void> {
  let namespace = '';
  try {
    const form = await formOf(request);
    const action = form.get('Action') ?? '';
    const service = serviceOf(form.get('Version') ?? '');
    namespace = service?.namespace ?? '';
    const result = await service?.run(action, form);
    if (result === undefined) throw unknownAction(action, form.get('Version'));
    send(response, 200, `${action}Response`, namespace, {
      ...(Object.keys(result).length === 0 ? {} : { [`${action}Result`]: result }),
      ResponseMetadata: { RequestId: requestId },
    });
  } catch (error) {
    sendError(response, error, namespace, requestId);
    if (!(error instanceof ServiceError)) throw error;
  }
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  const url = request.url ?? '';
  const at = url.indexOf('?');
  const text =
    request.method === 'GET' ? url.slice(at + 1) : await readBody(request, MAX_BODY_BYTES);
  if (text === undefined) {
    throw new ServiceError('RequestEntityTooLarge', 413, 'The request is too large.');
  }
  return new URLSearchParams(text);
}

function unknownAction(action: string, version: string | null): ServiceError {
  return new ServiceError(
    'InvalidAction',
    400,
    `smlocal does not serve the action ${action || '(none)'} for version ${version ?? '(none)'}. Its README lists what it serves.`,
  );
}

function sendError(
  response: ServerResponse,
  thrown: unknown,
  namespace: string,
  requestId: string,
): void {
  const error =
    thrown instanceof ServiceError
      ? thrown
      : new ServiceError('InternalFailure', 500, 'An internal error has occurred.');
  send(response, error.statusCode, 'ErrorResponse', namespace, {
    Error: {
      Type: error.statusCode < 500 ? 'Sender' : 'Receiver',
      Code: error.code,
      Message: error.message,
    },
    RequestId: requestId,
  });
}

function send(
  response: ServerResponse,
  status: number,
  root: string,
  namespace: string,
  content: Readonly<Record<string, unknown>>,
): void {
  const body = buildXml(root, namespace, content);
  response.writeHead(status, {
    'Content-Type': 'text/xml',
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
}
