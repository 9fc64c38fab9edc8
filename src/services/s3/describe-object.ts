import type { IncomingHttpHeaders } from 'node:http';
import { checksumHeader } from './checksums.js';
import { s3Error } from './errors.js';
import type { ObjectRecord } from './object-record.js';
import { parseTagging } from './tags.js';

/** The most that the names and values of user metadata may come to (S3 user guide, "Object metadata"). */
const MOST_METADATA_BYTES = 2048;

const META = 'x-amz-meta-';

/** Headers of a put that are kept and given back as they came. */
const KEPT = [
  'content-type',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'expires',
  'x-amz-website-redirect-location',
  'x-amz-storage-class',
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-aws-kms-key-id',
  'x-amz-server-side-encryption-bucket-key-enabled',
];

/** What only takes effect on AWS and would be missed if it did not: refused by name. */
const REFUSED = [
  'x-amz-server-side-encryption-customer-algorithm',
  'x-amz-server-side-encryption-customer-key',
  'x-amz-object-lock-mode',
  'x-amz-object-lock-legal-hold',
  'x-amz-write-offset-bytes',
];

export type Description = Pick<ObjectRecord, 'headers' | 'metadata' | 'tags'>;

/**
 * What a request says about the object that it makes.
 * @throws ServiceError `NotImplemented` for what smlocal does not have, `MetadataTooLarge`, `InvalidTag`
 */
export function descriptionOf(headers: IncomingHttpHeaders): Description {
  for (const header of REFUSED) {
    if (headers[header] !== undefined) throw s3Error('NotImplemented', { Header: header });
  }
  return {
    headers: keptHeaders(headers),
    metadata: userMetadata(headers),
    tags: parseTagging(headers['x-amz-tagging']?.toString() ?? ''),
  };
}

function keptHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of KEPT) {
    const value = name === 'content-encoding' ? contentEncoding(headers) : headers[name];
    if (value !== undefined && value !== '') kept[name] = String(value);
  }
  if (kept['x-amz-storage-class'] === 'STANDARD') delete kept['x-amz-storage-class'];
  return kept;
}

/** `aws-chunked` is of the journey, not of the object. */
function contentEncoding(headers: IncomingHttpHeaders): string | undefined {
  return headers['content-encoding']
    ?.split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding.toLowerCase() !== 'aws-chunked')
    .join(',');
}

function userMetadata(headers: IncomingHttpHeaders): Record<string, string> {
  const metadata: Record<string, string> = {};
  let bytes = 0;
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith(META)) continue;
    metadata[name.slice(META.length)] = String(value);
    bytes += name.length - META.length + String(value).length;
  }
  if (bytes > MOST_METADATA_BYTES) {
    throw s3Error('MetadataTooLarge', { Size: bytes, MaxSizeAllowed: MOST_METADATA_BYTES });
  }
  return metadata;
}

/** The headers of an answer that tell of an object, but for its length. */
export function objectHeaders(
  record: ObjectRecord,
  options: { readonly withChecksum: boolean },
): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': 'binary/octet-stream',
    ...record.headers,
    'last-modified': record.lastModified.toUTCString(),
    etag: `"${record.etag}"`,
    'accept-ranges': 'bytes',
  };
  for (const [name, value] of Object.entries(record.metadata)) headers[META + name] = value;
  return { ...headers, ...(options.withChecksum ? checksumHeaders(record) : {}) };
}

/** The headers by which an answer says how an object is kept: those of encryption. */
export function encryptionHeaders(headers: Readonly<Record<string, string>>) {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.startsWith('x-amz-server-side-encryption')),
  );
}

/** The headers by which an answer gives a checksum. */
export function checksumHeaders({
  checksum,
}: Pick<ObjectRecord, 'checksum'>): Record<string, string> {
  if (checksum === undefined) return {};
  return {
    [checksumHeader(checksum.algorithm)]: checksum.value,
    'x-amz-checksum-type': checksum.type,
  };
}
