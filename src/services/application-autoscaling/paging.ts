import { ServiceError } from '../../errors.js';

export interface Paged {
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

/** The service's largest page (API reference). */
const PAGE = 50;

const TOKEN = /^from:(\d{1,9})$/;

/** A page of a list, and the token of the next. @throws ServiceError `InvalidNextTokenException` */
export function pageOf<T>(
  all: readonly T[],
  { MaxResults = PAGE, NextToken }: Paged,
): { page: readonly T[]; NextToken: string | undefined } {
  const from = NextToken === undefined ? 0 : offsetIn(NextToken);
  const page = all.slice(from, from + Math.max(1, Math.min(MaxResults, PAGE)));
  const next = from + page.length;
  const token = Buffer.from(`from:${next}`).toString('base64url');
  return { page, NextToken: all.length > next ? token : undefined };
}

function offsetIn(token: string): number {
  const [, offset] = TOKEN.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  if (offset !== undefined) return Number(offset);
  throw new ServiceError('InvalidNextTokenException', 400, 'The next token is invalid.');
}
