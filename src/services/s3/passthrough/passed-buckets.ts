import { isBucketName } from '../bucket-name.js';
import type { Buckets } from '../buckets.js';

/** Which buckets are another S3's, by names and by patterns with `*`. */
export class PassedBuckets {
  readonly #names: ReadonlySet<string>;
  readonly #patterns: readonly RegExp[];

  constructor(
    passthrough: readonly string[],
    private readonly local: Buckets,
  ) {
    this.#names = new Set(passthrough.filter((one) => !one.includes('*')));
    this.#patterns = passthrough.filter((one) => one.includes('*')).map(expressionOf);
  }

  /** A bucket that is here stays here, unless it is named itself. */
  async has(bucket: string): Promise<boolean> {
    if (!isBucketName(bucket)) return false;
    if (this.isNamed(bucket)) return true;
    if (!this.#patterns.some((pattern) => pattern.test(bucket))) return false;
    return (await this.local.find(bucket)) === undefined;
  }

  /** Whether it is named itself: only then is it made there, too. */
  isNamed(bucket: string): boolean {
    return this.#names.has(bucket);
  }
}

function expressionOf(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replaceAll('.', '\\.'));
  return new RegExp(`^${parts.join('.*')}$`);
}
