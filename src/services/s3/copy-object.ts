import { bytesOf } from './bytes-of.js';
import type { Checksum } from './checksums.js';
import { checkWriteConditions, isConditional } from './conditions.js';
import { copyRangeOf, copySourceOf, openCopySource } from './copy-source.js';
import { namedAlgorithm } from './declared-checksum.js';
import { type Description, descriptionOf, encryptionHeaders } from './describe-object.js';
import { invalidArgument, s3Error } from './errors.js';
import { checkKey, findBucket } from './find.js';
import type { ObjectRecord } from './object-record.js';
import type { S3Operation, S3Request } from './request.js';
import type { Staged } from './staging.js';

/** CopyObject. Gaps: as PutObject's; no versions. */
export const copyObject: S3Operation = async (request, parts) => {
  const { bucket, key, headers } = request;
  await findBucket(request, parts);
  checkKey(key);
  const asked = namedAlgorithm(headers['x-amz-checksum-algorithm']?.toString());
  const { record: source, handle } = await openCopySource(request, parts);
  try {
    const description = copied(request, source);
    const range = copyRangeOf({ ...request, headers: {} }, source.size);
    const algorithm = asked ?? source.checksum?.algorithm;
    const staged = await parts.staging.write(
      bytesOf(handle, range.from, range.until),
      algorithm === undefined ? [] : [algorithm],
    );
    try {
      const record = await parts.objects.put(
        bucket,
        key,
        staged,
        { ...description, etag: staged.md5, checksum: checksumOf(staged) },
        isConditional(headers)
          ? (current) => checkWriteConditions(headers, key, current)
          : undefined,
      );
      return {
        headers: encryptionHeaders(record.headers),
        xml: ['CopyObjectResult', copyResult(record)],
      };
    } finally {
      await staged.discard();
    }
  } finally {
    await handle.close();
  }
};

/** What an answer to a copy says of what was made. */
export function copyResult({
  etag,
  lastModified,
  checksum,
}: Pick<ObjectRecord, 'etag' | 'lastModified' | 'checksum'>) {
  return {
    LastModified: lastModified,
    ETag: `"${etag}"`,
    ...(checksum === undefined
      ? {}
      : { [`Checksum${checksum.algorithm}`]: checksum.value, ChecksumType: checksum.type }),
  };
}

function checksumOf({ checksums }: Staged): Checksum | undefined {
  const [first] = checksums;
  if (first === undefined) return undefined;
  return { algorithm: first[0], value: first[1].toString('base64'), type: 'FULL_OBJECT' };
}

/** The description of the copy: the source's, or what the request says, each by its directive. */
function copied(request: S3Request, source: ObjectRecord): Description {
  const own = descriptionOf(request.headers);
  const replacesMetadata = replaces(request, 'x-amz-metadata-directive');
  const replacesTags = replaces(request, 'x-amz-tagging-directive');
  const changed = Object.fromEntries(
    Object.entries(own.headers).filter(([name]) => name.startsWith('x-amz-')),
  );
  if (!replacesMetadata && Object.keys(changed).length === 0 && isItself(request)) {
    throw s3Error(
      'InvalidRequest',
      {},
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
  return {
    headers: replacesMetadata ? own.headers : { ...source.headers, ...changed },
    metadata: replacesMetadata ? own.metadata : source.metadata,
    tags: replacesTags ? own.tags : source.tags,
  };
}

function isItself(request: S3Request): boolean {
  const source = copySourceOf(request);
  return source.bucket === request.bucket && source.key === request.key;
}

function replaces({ headers }: S3Request, name: string): boolean {
  const directive = headers[name]?.toString() ?? 'COPY';
  if (directive === 'COPY' || directive === 'REPLACE') return directive === 'REPLACE';
  const what = name === 'x-amz-metadata-directive' ? 'metadata' : 'tagging';
  throw invalidArgument(`Unknown ${what} directive.`, name, directive);
}
