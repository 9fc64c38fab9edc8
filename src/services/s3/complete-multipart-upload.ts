import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { bytesOf } from './bytes-of.js';
import { type Checksum, checksumHeader, startChecksum } from './checksums.js';
import { combineCrc } from './combine-crc.js';
import { checkWriteConditions, isConditional } from './conditions.js';
import { declaredChecksum } from './declared-checksum.js';
import { encryptionHeaders } from './describe-object.js';
import { s3Error } from './errors.js';
import { findBucket } from './find.js';
import { uploadOf } from './multipart-operations.js';
import { badChecksum } from './receive-body.js';
import type { S3Operation, S3Parts, S3Request } from './request.js';
import type { Part, Upload, Uploads } from './uploads.js';
import { elements, textOf } from './xml-values.js';

/** The least that a part may have, but for the last (S3 user guide, "Amazon S3 multipart upload limits"). */
const LEAST_BYTES = 5 * 1024 ** 2;

type Listed = Readonly<Record<string, unknown>>;

/** CompleteMultipartUpload. Gaps: one that is asked for again after it was done is `NoSuchUpload`. */
export const completeMultipartUpload: S3Operation = async (request, parts) => {
  await findBucket(request, parts);
  const upload = await uploadOf(request, parts);
  const listed = elements((await request.document('CompleteMultipartUpload')).Part);
  return parts.uploads.inTurn(upload, async () => {
    const chosen = chooseParts(listed, await parts.uploads.parts(upload), upload);
    const checksum = await checksumOfParts(upload, chosen);
    checkDeclared(request, checksum, chosen);
    const record = await assemble(request, parts, upload, chosen, checksum);
    await parts.uploads.remove(upload);
    return {
      headers: encryptionHeaders(record.headers),
      xml: [
        'CompleteMultipartUploadResult',
        {
          Location: `http://${request.headers.host}/${upload.bucket}/${encodeURIComponent(upload.key)}`,
          Bucket: upload.bucket,
          Key: upload.key,
          ETag: `"${record.etag}"`,
          ...(checksum === undefined
            ? {}
            : { [`Checksum${checksum.algorithm}`]: checksum.value, ChecksumType: checksum.type }),
        },
      ],
    };
  });
};

/** The parts that the list names, held against those that came in. @throws ServiceError */
function chooseParts(listed: readonly Listed[], present: readonly Part[], upload: Upload): Part[] {
  if (listed.length === 0) throw s3Error('MalformedXML');
  const byNumber = new Map(present.map((part) => [part.number, part]));
  let before = 0;
  const chosen = listed.map((one) => {
    const number = Number(textOf(one.PartNumber));
    if (!Number.isInteger(number)) throw s3Error('MalformedXML');
    if (number <= before) throw s3Error('InvalidPartOrder', { UploadId: upload.id });
    before = number;
    return matching(one, byNumber.get(number), number, upload);
  });
  for (const part of chosen.slice(0, -1)) {
    if (part.size < LEAST_BYTES) {
      throw s3Error('EntityTooSmall', {
        ...{ ProposedSize: part.size, MinSizeAllowed: LEAST_BYTES },
        ...{ PartNumber: part.number, ETag: part.etag },
      });
    }
  }
  return chosen;
}

function matching(one: Listed, part: Part | undefined, number: number, upload: Upload): Part {
  const etag = textOf(one.ETag)?.replaceAll('"', '');
  const { checksum } = part ?? {};
  const given = checksum && textOf(one[`Checksum${checksum.algorithm}`]);
  if (part === undefined || etag !== part.etag || (given && given !== checksum?.value)) {
    throw s3Error('InvalidPart', { UploadId: upload.id, PartNumber: number, ETag: etag ?? '' });
  }
  return part;
}

/** The checksum of the whole, out of those of its parts. */
async function checksumOfParts(
  { algorithm, checksumType }: Upload,
  parts: readonly Part[],
): Promise<Checksum | undefined> {
  if (algorithm === undefined || checksumType === undefined) return undefined;
  const digests = parts.map(({ checksum }) => Buffer.from(checksum?.value ?? '', 'base64'));
  if (checksumType === 'COMPOSITE') {
    const running = startChecksum(algorithm);
    running.update(Buffer.concat(digests));
    const value = `${(await running.digest()).toString('base64')}-${parts.length}`;
    return { algorithm, value, type: checksumType };
  }
  let [whole = Buffer.alloc(0)]: Buffer[] = digests;
  for (const [i, digest] of digests.entries()) {
    if (i > 0) whole = combineCrc(algorithm, whole, digest, parts[i]?.size ?? 0);
  }
  return { algorithm, value: whole.toString('base64'), type: checksumType };
}

function checkDeclared(
  { headers }: S3Request,
  checksum: Checksum | undefined,
  parts: readonly Part[],
): void {
  const given = checksum && headers[checksumHeader(checksum.algorithm)];
  // A composite value may be given with or without the number of parts at its end.
  const isRight = given === checksum?.value || given === checksum?.value.split('-')[0];
  if (given !== undefined && checksum && !isRight) throw badChecksum(checksum.algorithm);
  if (checksum === undefined) declaredChecksum(headers);
  const size = headers['x-amz-mp-object-size'];
  const actual = parts.reduce((sum, part) => sum + part.size, 0);
  if (size !== undefined && Number(size) !== actual) {
    throw s3Error(
      'InvalidRequest',
      {},
      `The provided 'x-amz-mp-object-size' header value ${size} does not match what was computed: ${actual}`,
    );
  }
}

/** Writes the parts behind each other and makes that the object. */
async function assemble(
  { headers }: S3Request,
  { staging, objects, uploads }: S3Parts,
  upload: Upload,
  parts: readonly Part[],
  checksum: Checksum | undefined,
) {
  const staged = await staging.write(bytesOfParts(uploads, upload, parts), []);
  try {
    return await objects.put(
      upload.bucket,
      upload.key,
      staged,
      {
        ...upload.description,
        checksum,
        etag: etagOfParts(parts),
        partSizes: parts.map(({ size }) => size),
      },
      isConditional(headers)
        ? (current) => checkWriteConditions(headers, upload.key, current)
        : undefined,
    );
  } finally {
    await staged.discard();
  }
}

async function* bytesOfParts(uploads: Uploads, upload: Upload, parts: readonly Part[]) {
  for (const part of parts) {
    const handle = await open(uploads.pathOf(upload, part), 'r');
    try {
      yield* bytesOf(handle, 0, part.size);
    } finally {
      await handle.close();
    }
  }
}

/** The MD5 of the parts' MD5s, and how many they are, as S3 makes it. */
function etagOfParts(parts: readonly Part[]): string {
  const md5 = createHash('md5');
  for (const { etag } of parts) md5.update(Buffer.from(etag, 'hex'));
  return `${md5.digest('hex')}-${parts.length}`;
}
