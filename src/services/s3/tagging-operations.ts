import { s3Error } from './errors.js';
import { checkKey, findBucket } from './find.js';
import type { S3Operation } from './request.js';
import { checkedTags } from './tags.js';
import { elements, textOf } from './xml-values.js';

/** GetObjectTagging. Gaps: no versions. */
export const getObjectTagging: S3Operation = async (request, parts) => {
  await findBucket(request, parts);
  const record = await parts.objects.head(request.bucket, request.key);
  if (record === undefined) throw s3Error('NoSuchKey', { Key: request.key });
  const Tag = Object.entries(record.tags).map(([Key, Value]) => ({ Key, Value }));
  return { xml: ['Tagging', { TagSet: { Tag } }] };
};

/** PutObjectTagging: in place of the tags that were. Gaps: no versions. */
export const putObjectTagging: S3Operation = async (request, parts) => {
  await findBucket(request, parts);
  checkKey(request.key);
  const [set] = elements((await request.document('Tagging')).TagSet ?? {});
  const tags = checkedTags(
    elements(set?.Tag).map((tag) => [textOf(tag.Key) ?? '', textOf(tag.Value) ?? '']),
  );
  const { bucket, key } = request;
  const isThere = await parts.objects.describe(bucket, key, (record) => ({ ...record, tags }));
  if (!isThere) throw s3Error('NoSuchKey', { Key: key });
  return {};
};

/** DeleteObjectTagging. Gaps: no versions. */
export const deleteObjectTagging: S3Operation = async (request, parts) => {
  await findBucket(request, parts);
  const { bucket, key } = request;
  const isThere = await parts.objects.describe(bucket, key, (record) => ({ ...record, tags: {} }));
  if (!isThere) throw s3Error('NoSuchKey', { Key: key });
  return { status: 204 };
};
