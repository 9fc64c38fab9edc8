const SURROGATE_PAIR = /[\uD800-\uDBFF][\uDC00-\uDFFF]/g;

/** The length as AWS counts it: in Unicode code points, not in UTF-16 units. */
export function codePointLength(text: string): number {
  let pairs = 0;
  for (const _ of text.matchAll(SURROGATE_PAIR)) pairs += 1;
  return text.length - pairs;
}

/** The first `max` code points; whole when there are no more. Looks only at as much of the text as it returns. */
export function truncate(text: string, max: number): string {
  if (text.length <= max) return text;
  return Array.from(text.slice(0, max * 2))
    .slice(0, max)
    .join('');
}
