const BEYOND_ORDER = /[\ud800-\uffff]/;

/** Orders keys as S3 lists them: by the bytes of their UTF-8, which differs from JavaScript's order beyond U+D7FF. */
export function compareKeys(a: string, b: string): number {
  if (BEYOND_ORDER.test(a) || BEYOND_ORDER.test(b)) {
    return Buffer.compare(Buffer.from(a), Buffer.from(b));
  }
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
