import type { BigIntStats } from 'node:fs';
import type { Checksum } from './checksums.js';

/** What is known of an object beside its bytes. */
export interface ObjectRecord {
  readonly key: string;
  /** What the file looked like whose record this is (`identityOf`): one that was edited by hand has none. */
  readonly identity: string;
  /** Whether the bytes are in the folder for keys that no file of the bucket's can stand for. */
  readonly isAside: boolean;
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  readonly lastModified: Date;
  /** The headers that are kept and given back: Content-Type, Cache-Control …, lower-case. */
  readonly headers: Readonly<Record<string, string>>;
  /** `x-amz-meta-…` without its beginning, lower-case. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly checksum?: Checksum;
  /** Sizes of the parts, of an object that came in parts. */
  readonly partSizes?: readonly number[];
}

/** What whoever puts an object says about it. */
export type ObjectDescription = Pick<
  ObjectRecord,
  'etag' | 'headers' | 'metadata' | 'tags' | 'checksum' | 'partSizes'
>;

/** Changes whenever a file's content may have: its size and its time, and not its inode, which a copied folder has anew. */
export function identityOf(stat: BigIntStats): string {
  return `${stat.size}-${stat.mtimeNs}`;
}
