import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { SmlocalError } from '../../errors.js';
import type { CapturedObject, CaptureStore } from '../../hosting/capture/captures.js';
import type { WrittenFile } from '../../hosting/capture/slab-message.js';
import { checkBucketName } from './bucket-name.js';
import { checkKey } from './find.js';
import { VIA } from './passthrough/forwarded.js';
import type { Remote } from './passthrough/remote.js';
import type { S3Parts } from './request.js';

/** An object that is to be put, wherever its bucket is. */
interface Put {
  readonly bucket: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The door of data capture into S3; what goes to a bucket of another S3 goes there, with the user's credentials. */
export class CapturedObjects implements CaptureStore {
  constructor(private readonly s3: S3Parts) {}

  newPath(): string {
    return this.s3.staging.newPath();
  }

  async put(object: CapturedObject, file: WrittenFile): Promise<void> {
    try {
      const put = { ...placeOf(object), headers: encryptionOf(object) };
      checkBucketName(put.bucket);
      checkKey(put.key);
      const { passthrough } = this.s3;
      const isThere = await passthrough?.buckets.has(put.bucket);
      if (passthrough && isThere) await putThere(passthrough.remote, put, file);
      else await this.#putHere(put, file);
    } finally {
      await rm(file.path, { force: true });
    }
  }

  async #putHere({ bucket, key, headers }: Put, file: WrittenFile): Promise<void> {
    const { buckets, objects } = this.s3;
    if ((await buckets.find(bucket)) === undefined) {
      throw new SmlocalError(`There is no bucket ${bucket}.`, {
        hint: `Type "smlocal exec -- aws s3 mb s3://${bucket}".`,
      });
    }
    // As of an object that came in parts: no MD5, the dearest step of all, and nobody takes it for one.
    const etag = `${randomBytes(16).toString('hex')}-1`;
    const discard = async () => undefined;
    const staged = { ...file, md5: '', checksums: new Map(), discard };
    await objects.put(bucket, key, staged, { etag, headers, metadata: {}, tags: {} });
  }
}

async function putThere(
  remote: Remote,
  { bucket, key, headers }: Put,
  { path, size }: WrittenFile,
): Promise<void> {
  const answer = await remote.send({
    ...{ method: 'PUT', bucket, key, query: [] },
    headers: {
      ...headers,
      via: VIA,
      'content-length': String(size),
      'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
    },
    body: createReadStream(path),
  });
  const { statusCode = 0 } = answer;
  if (statusCode >= 200 && statusCode < 300) return void answer.resume();
  const code = /<Code>(\w+)</.exec(await text(answer))?.[1] ?? '';
  throw new SmlocalError(
    `S3 refused to take what is captured into s3://${bucket}: ${statusCode} ${code}`.trimEnd(),
    {
      hint: `Type "aws s3 ls s3://${bucket}": your own credentials are used, as "s3:" in config.yml has them.`,
    },
  );
}

/** `s3://BUCKET/PREFIX`, or by the service's pattern `https://`: BUCKET.s3…/PREFIX or s3…/BUCKET/PREFIX. */
function placeOf({ destination, name }: CapturedObject): Pick<Put, 'bucket' | 'key'> {
  const [, scheme, host = '', path = ''] = /^(\w+):\/\/([^/]*)\/*(.*)$/.exec(destination) ?? [];
  const ofHost = scheme === 's3' ? host : /^(.+)\.s3[.-]/.exec(host)?.[1];
  const [first = '', ...rest] = path.split('/');
  const bucket = ofHost ?? first;
  const prefix = (ofHost === undefined ? rest.join('/') : path).replace(/\/+$/, '');
  return { bucket, key: prefix === '' ? name : `${prefix}/${name}` };
}

function encryptionOf({ kmsKey }: CapturedObject): Record<string, string> {
  if (kmsKey === undefined) return {};
  return {
    'x-amz-server-side-encryption': 'aws:kms',
    'x-amz-server-side-encryption-aws-kms-key-id': kmsKey,
  };
}
