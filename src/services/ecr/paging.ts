import { invalidParameter } from './errors.js';

/** What the service gives at once where it is not asked for more or less (API reference). */
const PAGE = 100;

const TOKEN = /^from:(\d{1,9})$/;

/** A page of a list, and the token of the next. @throws ServiceError for a token that is none */
export function pageOf<T>(
  all: readonly T[],
  { maxResults = PAGE, nextToken }: { readonly maxResults?: number; readonly nextToken?: string },
): { page: readonly T[]; nextToken: string | undefined } {
  const from = nextToken === undefined ? 0 : offsetIn(nextToken);
  const page = all.slice(from, from + maxResults);
  const next = from + page.length;
  return {
    page,
    nextToken: all.length > next ? Buffer.from(`from:${next}`).toString('base64url') : undefined,
  };
}

function offsetIn(token: string): number {
  const [, offset] = TOKEN.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  if (offset === undefined) {
    throw invalidParameter(
      "Invalid parameter at 'NextToken' failed to satisfy constraint: 'Invalid token'",
    );
  }
  return Number(offset);
}
