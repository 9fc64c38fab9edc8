import { findBucket } from './find.js';
import { compareKeys } from './key-order.js';
import { maxKeys, ownerOf, storageClassOf } from './list-objects.js';
import { gatherPage } from './list-page.js';
import { uploadOf } from './multipart-operations.js';
import type { S3Operation, XmlContent } from './request.js';
import type { Part, Upload } from './uploads.js';
import { encodingOf } from './url-encoding.js';

/** ListParts. Gaps: none known. */
export const listParts: S3Operation = async (request, parts) => {
  const { bucket, key, query, caller } = request;
  await findBucket(request, parts);
  const upload = await uploadOf(request, parts);
  const most = maxKeys(query, 'max-parts');
  const marker = Number(query.get('part-number-marker') ?? 0) || 0;
  const rest = (await parts.uploads.parts(upload)).filter(({ number }) => number > marker);
  const page = rest.slice(0, most);
  return {
    xml: [
      'ListPartsResult',
      {
        ...{ Bucket: bucket, Key: encodingOf(query)(key), UploadId: upload.id },
        ...{ PartNumberMarker: marker, NextPartNumberMarker: page.at(-1)?.number ?? 0 },
        ...{ MaxParts: most, IsTruncated: page.length < rest.length },
        ...checksumOf(upload),
        Part: page.map(partContent),
        Initiator: ownerOf(caller.accountId),
        Owner: ownerOf(caller.accountId),
        StorageClass: storageClassOf(upload.description),
      },
    ],
  };
};

function partContent({ number, lastModified, etag, size, checksum }: Part): XmlContent {
  return {
    ...{ PartNumber: number, LastModified: lastModified, ETag: `"${etag}"`, Size: size },
    ...(checksum === undefined ? {} : { [`Checksum${checksum.algorithm}`]: checksum.value }),
  };
}

function checksumOf({ algorithm, checksumType }: Upload): { [name: string]: XmlContent } {
  return algorithm === undefined
    ? {}
    : { ChecksumAlgorithm: algorithm, ChecksumType: checksumType };
}

/** ListMultipartUploads. Gaps: none known. */
export const listMultipartUploads: S3Operation = async (request, parts) => {
  const { bucket, query, caller } = request;
  await findBucket(request, parts);
  const encode = encodingOf(query);
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const most = maxKeys(query, 'max-uploads');
  const marker = { key: query.get('key-marker') ?? '', id: query.get('upload-id-marker') ?? '' };
  const all = behind(await parts.uploads.list(bucket), marker.key, marker.id);
  const { uploads, prefixes, isTruncated } = await page(all, {
    prefix,
    delimiter,
    most,
    after: '',
  });
  const last = uploads.at(-1);
  return {
    xml: [
      'ListMultipartUploadsResult',
      {
        ...{ Bucket: bucket, KeyMarker: encode(marker.key), UploadIdMarker: marker.id },
        ...(isTruncated && last !== undefined
          ? { NextKeyMarker: encode(last.key), NextUploadIdMarker: last.id }
          : {}),
        ...{ Prefix: encode(prefix), MaxUploads: most, IsTruncated: isTruncated },
        ...(delimiter === '' ? {} : { Delimiter: encode(delimiter) }),
        ...(query.has('encoding-type') ? { EncodingType: 'url' } : {}),
        Upload: uploads.map((upload) => ({
          ...{ Key: encode(upload.key), UploadId: upload.id, Initiated: upload.initiated },
          Initiator: ownerOf(caller.accountId),
          Owner: ownerOf(caller.accountId),
          StorageClass: storageClassOf(upload.description),
          ...checksumOf(upload),
        })),
        CommonPrefixes: prefixes.map((one) => ({ Prefix: encode(one) })),
      },
    ],
  };
};

/** An id alone says nothing: it tells between the uploads of one key. */
function behind(uploads: readonly Upload[], key: string, id: string): readonly Upload[] {
  if (key === '') return uploads;
  const sameKey = uploads.filter((upload) => upload.key === key).map((upload) => upload.id);
  const seen = new Set(id === '' ? sameKey : sameKey.slice(0, sameKey.indexOf(id) + 1));
  return uploads.filter((upload) => compareKeys(upload.key, key) >= 0 && !seen.has(upload.id));
}

async function page(
  uploads: readonly Upload[],
  options: Parameters<typeof gatherPage>[1],
): Promise<{ uploads: Upload[]; prefixes: readonly string[]; isTruncated: boolean }> {
  const matching = uploads.filter(({ key }) => key.startsWith(options.prefix));
  // Two uploads of one key are two entries: the page is gathered over places in the list, not over keys.
  const found = await gatherPage(async function* (cursor) {
    for (const { key } of matching) {
      if (cursor.skip === undefined || !key.startsWith(cursor.skip)) yield key;
    }
  }, options);
  const own = matching.filter(
    ({ key }) => !found.commonPrefixes.some((prefix) => key.startsWith(prefix)),
  );
  return {
    uploads: own.slice(0, found.keys.length),
    prefixes: found.commonPrefixes,
    isTruncated: found.next !== undefined,
  };
}
