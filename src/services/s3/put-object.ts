import { checkWriteConditions, isConditional } from './conditions.js';
import { namedAlgorithm } from './declared-checksum.js';
import { checksumHeaders, descriptionOf, encryptionHeaders } from './describe-object.js';
import { checkKey, findBucket } from './find.js';
import { receiveBody } from './receive-body.js';
import type { S3Operation } from './request.js';

/** PutObject. Gaps: no ACLs, object lock, customers' keys or appending; no checksum where the sender gives none. */
export const putObject: S3Operation = async (request, parts) => {
  const { bucket, key, headers } = request;
  await findBucket(request, parts);
  checkKey(key);
  const description = descriptionOf(headers);
  const algorithm = namedAlgorithm(headers['x-amz-sdk-checksum-algorithm']?.toString());
  const { staged, checksum } = await receiveBody(request, parts.staging, algorithm);
  try {
    const record = await parts.objects.put(
      bucket,
      key,
      staged,
      { ...description, etag: staged.md5, checksum },
      isConditional(headers) ? (current) => checkWriteConditions(headers, key, current) : undefined,
    );
    return {
      headers: {
        etag: `"${record.etag}"`,
        ...checksumHeaders(record),
        ...encryptionHeaders(record.headers),
      },
    };
  } finally {
    await staged.discard();
  }
};
