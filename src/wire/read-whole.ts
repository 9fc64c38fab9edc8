import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { ServiceError } from '../errors.js';
import { readBytes } from './read-body.js';

/** The services' own limits are not known; no request that their models allow comes near this. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

const unpack = promisify(gunzip);

/**
 * The whole body of a request to a service that speaks AWS JSON or CBOR; clients send large ones in gzip (PutMetricData).
 * @throws ServiceError where it is too large, packed or not, or no gzip
 */
export async function readWhole(request: IncomingMessage): Promise<Buffer> {
  const body = await readBytes(request, MAX_BODY_BYTES);
  if (body === undefined) throw tooLarge();
  if (request.headers['content-encoding'] !== 'gzip') return body;
  try {
    return await unpack(body, { maxOutputLength: MAX_BODY_BYTES });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw new ServiceError('SerializationException', 400, 'The request body is not valid gzip.');
  }
}

function tooLarge(): ServiceError {
  return new ServiceError('RequestEntityTooLargeException', 413, 'The request is too large.');
}
