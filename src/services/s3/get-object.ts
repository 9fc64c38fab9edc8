import { checkReadConditions } from './conditions.js';
import { objectHeaders } from './describe-object.js';
import { invalidArgument, s3Error } from './errors.js';
import { checkKey, findBucket } from './find.js';
import type { ObjectRecord } from './object-record.js';
import { type ByteRange, contentRange, rangeOf } from './range.js';
import type { S3Answer, S3Operation, S3Request } from './request.js';

/** What a reader may have said instead of what the object says. */
const OVERRIDES = [
  'content-type',
  'content-language',
  'expires',
  'cache-control',
  'content-disposition',
  'content-encoding',
];

/** GetObject. Gaps: no versions; several ranges are answered with the whole object, as S3 does. */
export const getObject: S3Operation = async (request, parts) => {
  await findBucket(request, parts);
  checkKey(request.key);
  checkVersion(request);
  const object = await parts.objects.open(request.bucket, request.key);
  if (object === undefined) throw s3Error('NoSuchKey', { Key: request.key });
  const { record, handle } = object;
  try {
    const { range, ...answer } = answerFor(request, record);
    return { ...answer, file: { handle, from: range.from, until: range.until } };
  } catch (error) {
    await handle.close();
    throw error;
  }
};

/** HeadObject: as GetObject, without the bytes. */
export const headObject: S3Operation = async (request, parts) => {
  await findBucket(request, parts);
  checkKey(request.key);
  checkVersion(request);
  const record = await parts.objects.head(request.bucket, request.key);
  if (record === undefined) throw s3Error('NoSuchKey', { Key: request.key });
  const { range: _, ...answer } = answerFor(request, record);
  return answer;
};

/** Without versioning an object has the version `null` and no other. */
export function checkVersion({ query }: S3Request): void {
  const version = query.get('versionId');
  if (version === null || version === 'null') return;
  throw invalidArgument('Invalid version id specified', 'versionId', version);
}

function answerFor(
  request: S3Request,
  record: ObjectRecord,
): Pick<S3Answer, 'status' | 'headers'> & { range: ByteRange } {
  const { headers, query } = request;
  checkReadConditions(headers, record);
  const part = partOf(request, record);
  const range = part ?? rangeOf(headers.range, record.size);
  const whole = { from: 0, until: record.size };
  const { from, until } = range ?? whole;
  const withChecksum = headers['x-amz-checksum-mode'] === 'ENABLED' && until - from === record.size;
  const answer = objectHeaders(record, { withChecksum });
  answer['content-length'] = String(until - from);
  if (range !== undefined) answer['content-range'] = contentRange(range, record.size);
  if (part !== undefined && record.partSizes !== undefined) {
    answer['x-amz-mp-parts-count'] = String(record.partSizes.length);
  }
  const tags = Object.keys(record.tags).length;
  if (tags > 0) answer['x-amz-tagging-count'] = String(tags);
  for (const name of OVERRIDES) {
    const value = query.get(`response-${name}`);
    if (value !== null) answer[name] = value;
  }
  return { status: range === undefined ? 200 : 206, headers: answer, range: range ?? whole };
}

/** The bytes of one part, which are asked for by its number. */
function partOf({ query, headers }: S3Request, record: ObjectRecord): ByteRange | undefined {
  const text = query.get('partNumber');
  if (text === null) return undefined;
  if (headers.range !== undefined) {
    throw s3Error(
      'InvalidRequest',
      {},
      'Cannot specify both Range header and partNumber query parameter',
    );
  }
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1 || number > 10_000) {
    throw invalidArgument(
      'Part number must be an integer between 1 and 10000, inclusive',
      'partNumber',
      text,
    );
  }
  const sizes = record.partSizes ?? [record.size];
  const size = sizes[number - 1];
  if (size === undefined) {
    throw s3Error('InvalidPartNumber', {
      PartNumberRequested: number,
      ActualPartCount: sizes.length,
    });
  }
  const from = sizes.slice(0, number - 1).reduce((sum, one) => sum + one, 0);
  return { from, until: from + size };
}
