import { checkNewBucketName } from './bucket-name.js';
import { s3Error } from './errors.js';
import { findBucket } from './find.js';
import { maxKeys, ownerOf } from './list-objects.js';
import type { S3Operation, S3Request } from './request.js';
import { textOf } from './xml-values.js';

/** The only region whose buckets have no location constraint. */
const FIRST_REGION = 'us-east-1';

/** CreateBucket. Gaps: ACLs, ownership, object lock and tags are not kept; no directory buckets. */
export const createBucket: S3Operation = async (request, { buckets }) => {
  const { bucket: name } = request;
  checkNewBucketName(name);
  const region = await regionFor(request);
  if (!(await buckets.create(name, region))) {
    // The first region answers its owner as if the bucket were new (S3 API reference, CreateBucket, errors).
    if (request.caller.region !== FIRST_REGION) {
      throw s3Error('BucketAlreadyOwnedByYou', { BucketName: name });
    }
  }
  return { headers: { location: `/${name}` } };
};

async function regionFor(request: S3Request): Promise<string> {
  const { region } = request.caller;
  const hasBody = request.headers['transfer-encoding'] ?? Number(request.headers['content-length']);
  const document = hasBody ? await request.document('CreateBucketConfiguration') : {};
  const constraint = textOf(document.LocationConstraint);
  if (constraint === undefined) {
    if (region === FIRST_REGION) return region;
    throw s3Error('IllegalLocationConstraintException');
  }
  if (constraint === FIRST_REGION || !/^(EU|[a-z]{2}(-[a-z]+)+-\d)$/.test(constraint)) {
    throw s3Error('InvalidLocationConstraint', { LocationConstraint: constraint });
  }
  const asked = constraint === 'EU' ? 'eu-west-1' : constraint;
  if (region === FIRST_REGION || region === asked) return asked;
  throw s3Error(
    'IllegalLocationConstraintException',
    {},
    `The ${constraint} location constraint is incompatible for the region specific endpoint this request was sent to.`,
  );
}

/** HeadBucket. Gaps: none known. */
export const headBucket: S3Operation = async (request, parts) => {
  const bucket = await findBucket(request, parts);
  return {
    headers: {
      'x-amz-bucket-region': bucket.region ?? parts.defaultRegion,
      'content-type': 'application/xml',
    },
  };
};

/** DeleteBucket. Its unfinished uploads go with it. Gaps: none known. */
export const deleteBucket: S3Operation = async (request, parts) => {
  const { name } = await findBucket(request, parts);
  for await (const _ of parts.objects.keys(name, '', { after: '', skip: undefined })) {
    throw s3Error('BucketNotEmpty', { BucketName: name });
  }
  if (!(await parts.buckets.delete(name))) throw s3Error('BucketNotEmpty', { BucketName: name });
  await parts.objects.forgetBucket(name);
  await parts.uploads.removeAll(name);
  return { status: 204 };
};

/** ListBuckets. Gaps: none known. */
export const listBuckets: S3Operation = async ({ query, caller }, { buckets, defaultRegion }) => {
  const prefix = query.get('prefix') ?? '';
  const region = query.get('bucket-region');
  const after = query.get('continuation-token') ?? '';
  const all = (await buckets.list())
    .map((bucket) => ({ ...bucket, region: bucket.region ?? defaultRegion }))
    .filter(({ name }) => name.startsWith(prefix) && name > after)
    .filter((bucket) => region === null || bucket.region === region);
  const page = query.has('max-buckets') ? all.slice(0, maxKeys(query, 'max-buckets')) : all;
  return {
    xml: [
      'ListAllMyBucketsResult',
      {
        Owner: ownerOf(caller.accountId),
        Buckets: {
          Bucket: page.map(({ name, created, region: BucketRegion }) => ({
            ...{ Name: name, CreationDate: created, BucketRegion },
          })),
        },
        ...(page.length < all.length ? { ContinuationToken: page.at(-1)?.name } : {}),
        ...(prefix === '' ? {} : { Prefix: prefix }),
      },
    ],
  };
};

/** GetBucketLocation: empty for us-east-1. Gaps: none known. */
export const getBucketLocation: S3Operation = async (request, parts) => {
  const bucket = await findBucket(request, parts);
  const region = bucket.region ?? parts.defaultRegion;
  return { xml: ['LocationConstraint', { '#text': region === FIRST_REGION ? '' : region }] };
};

/** GetBucketVersioning: never enabled here, which S3 says by saying nothing. */
export const getBucketVersioning: S3Operation = async (request, parts) => {
  await findBucket(request, parts);
  return { xml: ['VersioningConfiguration', {}] };
};
