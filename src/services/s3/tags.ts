import { s3Error } from './errors.js';

/** The most tags that an object may have, and the longest keys and values (S3 user guide, "Object tagging"). */
const MOST_TAGS = 10;
const MOST_KEY = 128;
const MOST_VALUE = 256;

/** The tags of the header `x-amz-tagging`, which are written as a query is. @throws ServiceError `InvalidTag` */
export function parseTagging(text: string): Record<string, string> {
  return checkedTags([...new URLSearchParams(text)]);
}

/** @throws ServiceError `InvalidTag` where there are too many, too long, or two with one key */
export function checkedTags(
  tags: readonly (readonly [key: string, value: string])[],
): Record<string, string> {
  if (tags.length > MOST_TAGS) {
    throw s3Error('InvalidRequest', {}, 'Object tags cannot be greater than 10');
  }
  for (const [key, value] of tags) {
    if (key === '' || key.length > MOST_KEY) throw s3Error('InvalidTag', { TagKey: key });
    if (value.length > MOST_VALUE) {
      throw s3Error('InvalidTag', { TagValue: value }, 'The TagValue you have provided is invalid');
    }
  }
  const checked = Object.fromEntries(tags);
  if (Object.keys(checked).length < tags.length) {
    throw s3Error('InvalidTag', {}, 'Cannot provide multiple Tags with the same key');
  }
  return checked;
}
