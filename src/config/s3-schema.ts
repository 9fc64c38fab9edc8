import { z } from 'zod';

/** A bucket's name (S3 user guide, "Bucket naming rules"), in which `*` may stand for anything. */
const bucket = z
  .string()
  .regex(
    /^[a-z0-9*][a-z0-9.*-]{0,61}[a-z0-9*]?$/,
    'must be the name of a bucket, in which * may stand for anything',
  );

const endpoint = z.string().regex(/^https?:\/\/[^\s/?#@]+\/?$/, {
  error: 'must be an address such as http://127.0.0.1:9000, without a path',
});

/** Which buckets are not here, but in S3 itself or in another service that speaks as it does. */
export function s3Schema(region: z.ZodString) {
  const settings = z.strictObject({
    passthrough: z
      .union([z.array(bucket).min(1), bucket], {
        error: 'must be the names of buckets, in which * may stand for anything',
      })
      .describe('Buckets; one that is here stays here, unless it is named without a *.'),
    endpoint: endpoint.describe('Another S3, such as MinIO. Default AWS’s own.').optional(),
    region: region.describe('Of that S3. Default the region above.').optional(),
    profile: z.string().describe('The profile of ~/.aws that goes there.').optional(),
    max_cache_bytes: z
      .int()
      .min(0)
      .describe('Of what has been read; the oldest goes first. Default 10 GiB.')
      .optional(),
  });
  return z.union([z.literal('passthrough'), settings], {
    error: 'must be the word passthrough, or settings with the key passthrough',
  });
}

type S3Block = z.infer<ReturnType<typeof s3Schema>>;

/** Which buckets are another S3's, and how that is reached. */
export interface S3Settings {
  /** Names, and patterns with `*`. */
  readonly passthrough: readonly string[];
  /** AWS's own where absent. */
  readonly endpoint?: string;
  readonly region?: string;
  readonly profile?: string;
  readonly maxCacheBytes: number;
}

const DEFAULT_CACHE_BYTES = 10 * 1024 ** 3;

/** `s3:` with its defaults filled in; the one word stands for every bucket that is not here. */
export function s3SettingsOf(block: S3Block): S3Settings {
  if (block === 'passthrough') return { passthrough: ['*'], maxCacheBytes: DEFAULT_CACHE_BYTES };
  const { passthrough, endpoint, region, profile, max_cache_bytes: maxCacheBytes } = block;
  return {
    passthrough: typeof passthrough === 'string' ? [passthrough] : passthrough,
    ...(endpoint === undefined ? {} : { endpoint: endpoint.replace(/\/$/, '') }),
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
    maxCacheBytes: maxCacheBytes ?? DEFAULT_CACHE_BYTES,
  };
}
