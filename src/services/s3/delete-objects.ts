import { ServiceError } from '../../errors.js';
import { checkWriteConditions } from './conditions.js';
import { s3Error } from './errors.js';
import { checkKey, findBucket } from './find.js';
import { checkVersion } from './get-object.js';
import type { S3Operation, S3Parts, S3Request, XmlContent } from './request.js';
import { elements, textOf } from './xml-values.js';

/** The most keys of one request. */
const MOST_KEYS = 1000;

/** DeleteObject: also done where there is no such object. Gaps: no versions, no MFA. */
export const deleteObject: S3Operation = async (request, parts) => {
  const { bucket, key, headers } = request;
  await findBucket(request, parts);
  checkKey(key);
  checkVersion(request);
  await parts.objects.delete(
    bucket,
    key,
    headers['if-match'] === undefined
      ? undefined
      : (current) => checkWriteConditions({ 'if-match': headers['if-match'] }, key, current),
  );
  return { status: 204 };
};

/** DeleteObjects: each key has its own outcome. Gaps: as DeleteObject's; no conditions. */
export const deleteObjects: S3Operation = async (request, parts) => {
  await findBucket(request, parts);
  const document = await request.document('Delete');
  const objects = elements(document.Object);
  if (objects.length === 0 || objects.length > MOST_KEYS) throw s3Error('MalformedXML');
  const keys = objects.map((object) => textOf(object.Key) ?? '');
  if (keys.includes('')) throw s3Error('MalformedXML');
  const isQuiet = textOf(document.Quiet) === 'true';
  const deleted: XmlContent[] = [];
  const failed: XmlContent[] = [];
  for (const Key of keys) {
    const error = await deleteOne(request, parts, Key);
    if (error !== undefined) failed.push({ Key, Code: error.code, Message: error.message });
    else if (!isQuiet) deleted.push({ Key });
  }
  return { xml: ['DeleteResult', { Deleted: deleted, Error: failed }] };
};

async function deleteOne(
  { bucket }: S3Request,
  { objects }: S3Parts,
  key: string,
): Promise<ServiceError | undefined> {
  try {
    checkKey(key);
    await objects.delete(bucket, key);
    return undefined;
  } catch (error) {
    if (error instanceof ServiceError) return error;
    throw error;
  }
}
