import type { IncomingHttpHeaders } from 'node:http';
import {
  ALGORITHMS,
  type Algorithm,
  CHECKSUM_BYTES,
  checksumHeader,
  isAlgorithm,
} from './checksums.js';
import { s3Error } from './errors.js';

/** A checksum that the sender gives; its value may come only after the body, as a trailer. */
export interface DeclaredChecksum {
  readonly algorithm: Algorithm;
  /** Base64; undefined until the trailer is there. */
  readonly value: string | undefined;
}

/**
 * The checksum that a request carries or promises, if any.
 * @throws ServiceError `InvalidRequest` for two, or for one that is no checksum of its kind
 */
export function declaredChecksum(headers: IncomingHttpHeaders): DeclaredChecksum | undefined {
  const trailers = String(headers['x-amz-trailer'] ?? '').toLowerCase();
  const found = ALGORITHMS.filter(
    (algorithm) =>
      headers[checksumHeader(algorithm)] !== undefined ||
      trailers.split(/[\s,]+/).includes(checksumHeader(algorithm)),
  );
  if (found.length > 1) {
    throw s3Error(
      'InvalidRequest',
      {},
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    );
  }
  const [algorithm] = found;
  if (algorithm === undefined) return undefined;
  const value = headers[checksumHeader(algorithm)]?.toString();
  if (value !== undefined) checkForm(algorithm, value);
  return { algorithm, value };
}

/** @throws ServiceError `InvalidRequest` where a value is no checksum of its kind */
export function checkForm(algorithm: Algorithm, value: string): void {
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length === CHECKSUM_BYTES[algorithm] && bytes.toString('base64') === value) return;
  throw s3Error('InvalidRequest', {}, `Value for ${checksumHeader(algorithm)} header is invalid.`);
}

/** The algorithm that a header names, such as `x-amz-checksum-algorithm`. @throws ServiceError `InvalidRequest` */
export function namedAlgorithm(name: string | undefined): Algorithm | undefined {
  if (name === undefined) return undefined;
  const algorithm = name.toUpperCase();
  if (isAlgorithm(algorithm)) return algorithm;
  throw s3Error(
    'InvalidRequest',
    {},
    'Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]',
  );
}
