import { invalidArgument } from './errors.js';
import { findBucket } from './find.js';
import { gatherPage, type Page } from './list-page.js';
import type { ObjectRecord } from './object-record.js';
import type { S3Operation, S3Parts, S3Request, XmlContent } from './request.js';
import { type Encode, encodingOf } from './url-encoding.js';

const MOST_KEYS = 1000;

/** How many files are looked at at once. */
const AT_ONCE = 16;

/** ListObjectsV2. Gaps: `OptionalObjectAttributes` (a restored object's status) is ignored. */
export const listObjectsV2: S3Operation = async (request, parts) => {
  const { query } = request;
  await findBucket(request, parts);
  const token = query.get('continuation-token');
  const startAfter = query.get('start-after') ?? '';
  const after = token === null ? startAfter : fromToken(token);
  const { common, page, encode } = await list(request, parts, after);
  const contents = await contentsOf(request, parts, page, query.get('fetch-owner') === 'true');
  return {
    xml: [
      'ListBucketResult',
      {
        ...common,
        ...(token === null ? {} : { ContinuationToken: token }),
        ...(query.get('start-after') === null ? {} : { StartAfter: encode(startAfter) }),
        KeyCount: page.keys.length + page.commonPrefixes.length,
        ...(page.next === undefined ? {} : { NextContinuationToken: toToken(page.next) }),
        Contents: contents.map((one) => ({ ...one, Key: encode(one.Key) })),
        CommonPrefixes: page.commonPrefixes.map((prefix) => ({ Prefix: encode(prefix) })),
      },
    ],
  };
};

/** ListObjects, the first version: `NextMarker` only where there is a delimiter, as S3 has it. */
export const listObjects: S3Operation = async (request, parts) => {
  const { query } = request;
  await findBucket(request, parts);
  const marker = query.get('marker') ?? '';
  const { common, page, encode } = await list(request, parts, marker);
  const contents = await contentsOf(request, parts, page, true);
  const next = page.next !== undefined && query.get('delimiter') ? page.next : undefined;
  return {
    xml: [
      'ListBucketResult',
      {
        ...common,
        Marker: encode(marker),
        ...(next === undefined ? {} : { NextMarker: encode(next) }),
        Contents: contents.map((one) => ({ ...one, Key: encode(one.Key) })),
        CommonPrefixes: page.commonPrefixes.map((prefix) => ({ Prefix: encode(prefix) })),
      },
    ],
  };
};

async function list(
  request: S3Request,
  parts: S3Parts,
  after: string,
): Promise<{ common: Record<string, XmlContent>; page: Page; encode: Encode }> {
  const { bucket, query } = request;
  const encode = encodingOf(query);
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const most = maxKeys(query, 'max-keys');
  const page = await gatherPage((cursor) => parts.objects.keys(bucket, prefix, cursor), {
    ...{ prefix, delimiter, after, most },
  });
  const common = {
    Name: bucket,
    Prefix: encode(prefix),
    MaxKeys: most,
    ...(delimiter === '' ? {} : { Delimiter: encode(delimiter) }),
    ...(query.has('encoding-type') ? { EncodingType: 'url' } : {}),
    IsTruncated: page.next !== undefined,
  };
  return { common, page, encode };
}

/** A page's size. @throws ServiceError `InvalidArgument` */
export function maxKeys(query: URLSearchParams, name: string): number {
  const text = query.get(name);
  if (text === null || text === '') return MOST_KEYS;
  if (!/^\d{1,10}$/.test(text) || Number(text) > 2 ** 31 - 1) {
    throw invalidArgument(`Provided ${name} not an integer or within integer range`, name, text);
  }
  return Math.min(Number(text), MOST_KEYS);
}

/** What a listing says of each key; one that goes meanwhile is left out. */
async function contentsOf(
  { bucket, caller }: S3Request,
  { objects }: S3Parts,
  { keys }: Page,
  withOwner: boolean,
) {
  const contents: (Record<string, XmlContent> & { Key: string })[] = [];
  for (let at = 0; at < keys.length; at += AT_ONCE) {
    const some = keys.slice(at, at + AT_ONCE);
    const records = await Promise.all(some.map((key) => objects.head(bucket, key)));
    for (const record of records) {
      if (record === undefined) continue;
      const owner = withOwner ? { Owner: ownerOf(caller.accountId) } : {};
      contents.push({ ...contentOf(record), ...owner, StorageClass: storageClassOf(record) });
    }
  }
  return contents;
}

function contentOf(record: ObjectRecord) {
  return {
    Key: record.key,
    LastModified: record.lastModified,
    ETag: `"${record.etag}"`,
    ...(record.checksum === undefined
      ? {}
      : { ChecksumAlgorithm: record.checksum.algorithm, ChecksumType: record.checksum.type }),
    Size: record.size,
  };
}

export function storageClassOf({ headers }: Pick<ObjectRecord, 'headers'>): string {
  return headers['x-amz-storage-class'] ?? 'STANDARD';
}

/** The owner of everything: S3 names one by a hash, of which there is none here. */
export function ownerOf(accountId: string) {
  return { ID: accountId.padStart(64, '0') };
}

function toToken(key: string): string {
  return Buffer.from(key).toString('base64url');
}

function fromToken(token: string): string {
  if (/^[A-Za-z0-9_-]+$/.test(token)) return Buffer.from(token, 'base64url').toString();
  throw invalidArgument(
    'The continuation token provided is incorrect',
    'continuation-token',
    token,
  );
}
