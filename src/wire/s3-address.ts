import type { IncomingMessage } from 'node:http';

/** Where a bucket's name may stand before the host's own: `BUCKET.localhost`, and as AWS has it. */
const VIRTUAL_HOST =
  /^(.+?)\.(?:s3\.localhost|localhost|s3[.-](?:[a-z0-9-]+\.)*amazonaws\.com(?:\.cn)?)$/i;

/** Hosts that only look as if a bucket stood before them. */
const SERVICE_HOST = /^(s3|s3[.-][a-z0-9-]+)$/i;

/** What a request is about: empty where it names no bucket, or no key. */
export interface S3Address {
  readonly bucket: string;
  readonly key: string;
}

/** The bucket that a host names, virtual-host style. */
export function bucketOfHost(host: string | undefined): string | undefined {
  const name = (host ?? '').replace(/:\d+$/, '');
  const [, bucket] = VIRTUAL_HOST.exec(name) ?? [];
  return bucket === undefined || SERVICE_HOST.test(bucket) ? undefined : bucket;
}

/**
 * The bucket and key that a request names, by its host or by its path.
 * @returns undefined where the path is not validly percent-encoded
 */
export function s3Address(request: IncomingMessage, path: string): S3Address | undefined {
  const bucket = bucketOfHost(request.headers.host);
  try {
    const rest = decodeURIComponent(path.slice(1));
    if (bucket !== undefined) return { bucket, key: rest };
    const slash = rest.indexOf('/');
    return slash === -1
      ? { bucket: rest, key: '' }
      : { bucket: rest.slice(0, slash), key: rest.slice(slash + 1) };
  } catch {
    return undefined;
  }
}
