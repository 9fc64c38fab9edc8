import {
  createBucket,
  deleteBucket,
  getBucketLocation,
  getBucketVersioning,
  headBucket,
  listBuckets,
} from './bucket-operations.js';
import { completeMultipartUpload } from './complete-multipart-upload.js';
import { copyObject } from './copy-object.js';
import { deleteObject, deleteObjects } from './delete-objects.js';
import { getObject, headObject } from './get-object.js';
import { listObjects, listObjectsV2 } from './list-objects.js';
import { listMultipartUploads, listParts } from './list-uploads.js';
import {
  abortMultipartUpload,
  createMultipartUpload,
  uploadPart,
  uploadPartCopy,
} from './multipart-operations.js';
import { putObject } from './put-object.js';
import type { S3Operation } from './request.js';
import { deleteObjectTagging, getObjectTagging, putObjectTagging } from './tagging-operations.js';

/** What selects an operation. */
export interface Selector {
  readonly method: string;
  readonly bucket: string;
  readonly key: string;
  readonly query: URLSearchParams;
  /** Whether `x-amz-copy-source` is there. */
  readonly isCopy: boolean;
}

/** What a request may be about beside a bucket or an object itself; each stands in the query. */
const SUBRESOURCES = [
  ...['accelerate', 'acl', 'analytics', 'attributes', 'cors', 'delete', 'encryption', 'inventory'],
  ...['intelligent-tiering', 'legal-hold', 'lifecycle', 'location', 'logging', 'metadataTable'],
  ...['metrics', 'notification', 'object-lock', 'ownershipControls', 'partNumber', 'policy'],
  ...['policyStatus', 'publicAccessBlock', 'replication', 'requestPayment', 'restore', 'retention'],
  ...['select', 'tagging', 'torrent', 'uploadId', 'uploads', 'versioning', 'versions', 'website'],
];

/** `METHOD level ?subresources`, as {@link operationFor} puts it, to the operation. */
const OPERATIONS: Readonly<Record<string, S3Operation>> = {
  'GET service': listBuckets,
  'PUT bucket': createBucket,
  'HEAD bucket': headBucket,
  'DELETE bucket': deleteBucket,
  'GET bucket': listObjects,
  'GET bucket v2': listObjectsV2,
  'GET bucket ?location': getBucketLocation,
  'GET bucket ?versioning': getBucketVersioning,
  'GET bucket ?uploads': listMultipartUploads,
  'POST bucket ?delete': deleteObjects,
  'PUT object': putObject,
  'PUT object copy': copyObject,
  'GET object': getObject,
  'GET object ?partNumber': getObject,
  'HEAD object': headObject,
  'HEAD object ?partNumber': headObject,
  'DELETE object': deleteObject,
  'GET object ?tagging': getObjectTagging,
  'PUT object ?tagging': putObjectTagging,
  'DELETE object ?tagging': deleteObjectTagging,
  'POST object ?uploads': createMultipartUpload,
  'PUT object ?partNumber&uploadId': uploadPart,
  'PUT object ?partNumber&uploadId copy': uploadPartCopy,
  'GET object ?uploadId': listParts,
  'POST object ?uploadId': completeMultipartUpload,
  'DELETE object ?uploadId': abortMultipartUpload,
};

/**
 * The operation that a request is for, and what it is about in words, for a refusal. S3's operations have no names on the
 * wire: method, level and subresource tell them apart.
 */
export function operationFor(selector: Selector): {
  operation: S3Operation | undefined;
  name: string;
} {
  const { method, bucket, key, query, isCopy } = selector;
  const level = bucket === '' ? 'service' : key === '' ? 'bucket' : 'object';
  const about = SUBRESOURCES.filter((name) => query.has(name));
  const words = [method, level];
  if (about.length > 0) words.push(`?${about.join('&')}`);
  if (isCopy && method === 'PUT') words.push('copy');
  if (words.join(' ') === 'GET bucket' && query.get('list-type') === '2') words.push('v2');
  const name = words.join(' ');
  return { operation: OPERATIONS[name], name };
}
