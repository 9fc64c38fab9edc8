import { bytesOf } from './bytes-of.js';
import type { Checksum, ChecksumType } from './checksums.js';
import { canCombine } from './combine-crc.js';
import { copyResult } from './copy-object.js';
import { copyRangeOf, openCopySource } from './copy-source.js';
import { namedAlgorithm } from './declared-checksum.js';
import { checksumHeaders, descriptionOf, encryptionHeaders } from './describe-object.js';
import { invalidArgument, s3Error } from './errors.js';
import { checkKey, findBucket } from './find.js';
import { receiveBody } from './receive-body.js';
import type { S3Operation, S3Parts, S3Request } from './request.js';
import type { Upload } from './uploads.js';

/** CreateMultipartUpload. Gaps: as PutObject's. */
export const createMultipartUpload: S3Operation = async (request, parts) => {
  const { bucket, key, headers } = request;
  await findBucket(request, parts);
  checkKey(key);
  const description = descriptionOf(headers);
  const checksum = checksumWanted(request);
  const { id } = await parts.uploads.create({ bucket, key, description, ...checksum });
  const { algorithm, checksumType } = checksum;
  return {
    headers: {
      ...encryptionHeaders(description.headers),
      ...(algorithm === undefined ? {} : { 'x-amz-checksum-algorithm': algorithm }),
      ...(checksumType === undefined ? {} : { 'x-amz-checksum-type': checksumType }),
    },
    xml: ['InitiateMultipartUploadResult', { Bucket: bucket, Key: key, UploadId: id }],
  };
};

/** What S3 allows and takes for granted of each algorithm (user guide, "Checking object integrity"). */
function checksumWanted({ headers }: S3Request): Pick<Upload, 'algorithm' | 'checksumType'> {
  const algorithm = namedAlgorithm(headers['x-amz-checksum-algorithm']?.toString());
  const type = headers['x-amz-checksum-type']?.toString().toUpperCase();
  if (algorithm === undefined) {
    if (type === undefined) return {};
    throw s3Error(
      'InvalidRequest',
      {},
      'The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.',
    );
  }
  const usual: ChecksumType = algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE';
  const chosen = type ?? usual;
  const isAllowed =
    chosen === 'FULL_OBJECT'
      ? canCombine(algorithm)
      : chosen === 'COMPOSITE' && algorithm !== 'CRC64NVME';
  if (isAllowed) return { algorithm, checksumType: chosen as ChecksumType };
  throw s3Error(
    'InvalidRequest',
    {},
    `The ${chosen} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
  );
}

/** UploadPart. Gaps: none known beside PutObject's. */
export const uploadPart: S3Operation = async (request, parts) => {
  await findBucket(request, parts);
  const { upload, number } = await partAddress(request, parts);
  const { staged, checksum } = await receiveBody(request, parts.staging, upload.algorithm);
  try {
    if (upload.algorithm !== undefined && checksum?.algorithm !== upload.algorithm) {
      throw wrongAlgorithm(upload, checksum);
    }
    const part = await parts.uploads.putPart(upload, number, staged, checksum);
    return {
      headers: {
        etag: `"${part.etag}"`,
        ...omitType(checksumHeaders(part)),
        ...encryptionHeaders(upload.description.headers),
      },
    };
  } finally {
    await staged.discard();
  }
};

/** UploadPartCopy: a part out of an object that is here already. Gaps: no versions. */
export const uploadPartCopy: S3Operation = async (request, parts) => {
  await findBucket(request, parts);
  const { upload, number } = await partAddress(request, parts);
  const { record, handle } = await openCopySource(request, parts);
  try {
    const { from, until } = copyRangeOf(request, record.size);
    const { algorithm } = upload;
    const staged = await parts.staging.write(
      bytesOf(handle, from, until),
      algorithm === undefined ? [] : [algorithm],
    );
    try {
      const value = algorithm && staged.checksums.get(algorithm)?.toString('base64');
      const checksum = value === undefined ? undefined : { algorithm, value, type: 'FULL_OBJECT' };
      const part = await parts.uploads.putPart(upload, number, staged, checksum as Checksum);
      const { ChecksumType: _, ...result } = copyResult(part) as Record<string, string | Date>;
      return { xml: ['CopyPartResult', result] };
    } finally {
      await staged.discard();
    }
  } finally {
    await handle.close();
  }
};

/** AbortMultipartUpload. Gaps: none known. */
export const abortMultipartUpload: S3Operation = async (request, parts) => {
  await findBucket(request, parts);
  const upload = await uploadOf(request, parts);
  await parts.uploads.inTurn(upload, () => parts.uploads.remove(upload));
  return { status: 204 };
};

/** The upload that a request names. @throws ServiceError `NoSuchUpload` */
export function uploadOf({ bucket, key, query }: S3Request, { uploads }: S3Parts): Promise<Upload> {
  return uploads.get(bucket, key, query.get('uploadId') ?? '');
}

async function partAddress(request: S3Request, parts: S3Parts) {
  const text = request.query.get('partNumber') ?? '';
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1 || number > 10_000) {
    throw invalidArgument(
      'Part number must be an integer between 1 and 10000, inclusive',
      'partNumber',
      text,
    );
  }
  return { upload: await uploadOf(request, parts), number };
}

/** A part's checksum has no type. */
function omitType(headers: Record<string, string>): Record<string, string> {
  const { 'x-amz-checksum-type': _, ...others } = headers;
  return others;
}

function wrongAlgorithm(upload: Upload, checksum: Checksum | undefined) {
  return s3Error(
    'InvalidRequest',
    {},
    `Checksum Type mismatch occurred, expected checksum Type: ${upload.algorithm?.toLowerCase()}, actual checksum Type: ${checksum?.algorithm.toLowerCase() ?? 'null'}`,
  );
}
