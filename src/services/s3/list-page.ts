import { compareKeys } from './key-order.js';
import type { Cursor } from './list-keys.js';

/** A page of a listing. */
export interface Page {
  readonly keys: readonly string[];
  readonly commonPrefixes: readonly string[];
  /** The last key or common prefix, where more follow. */
  readonly next: string | undefined;
}

export interface PageOptions {
  readonly prefix: string;
  readonly delimiter: string;
  readonly after: string;
  readonly most: number;
}

/**
 * Gathers a page: keys, and in place of those with a delimiter behind the prefix what they have in common up to it. A common
 * prefix counts as one, and only where it lies behind `after` itself; the keys under it are passed over.
 */
export async function gatherPage(
  listing: (cursor: Cursor) => AsyncIterable<string>,
  { prefix, delimiter, after, most }: PageOptions,
): Promise<Page> {
  const keys: string[] = [];
  const commonPrefixes: string[] = [];
  if (most === 0) return { keys, commonPrefixes, next: undefined };
  const cursor: Cursor = { after, skip: undefined };
  let last = '';
  for await (const key of listing(cursor)) {
    const common = commonPrefixOf(key, prefix, delimiter);
    if (common !== undefined) {
      cursor.skip = common;
      if (compareKeys(common, after) <= 0) continue;
    }
    if (keys.length + commonPrefixes.length === most) return { keys, commonPrefixes, next: last };
    last = common ?? key;
    (common === undefined ? keys : commonPrefixes).push(last);
  }
  return { keys, commonPrefixes, next: undefined };
}

function commonPrefixOf(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '') return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at === -1 ? undefined : key.slice(0, at + delimiter.length);
}
