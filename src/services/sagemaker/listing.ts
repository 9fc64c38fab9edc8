import { createHash } from 'node:crypto';
import type { EndpointStatus } from '@aws-sdk/client-sagemaker';
import type { NamedRecords, Order } from '../../hosting/records.js';
import type { Place } from '../../state/ordered.js';
import { invalid } from './errors.js';

/** What the list operations have in common; each reads those members that its input shape has. */
interface ListInput {
  NameContains?: string;
  CreationTimeBefore?: Date;
  CreationTimeAfter?: Date;
  LastModifiedTimeBefore?: Date;
  LastModifiedTimeAfter?: Date;
  StatusEquals?: string;
  SortBy?: string;
  SortOrder?: string;
  MaxResults?: number;
  NextToken?: string;
}

interface Listed {
  readonly CreationTime: Date;
  readonly LastModifiedTime?: Date;
  readonly EndpointStatus?: EndpointStatus;
}

/** The service model's documentation gives 10 for endpoints; models and configs are taken to be alike. */
const DEFAULT_PAGE = 10;

/**
 * One page of records: filtered, sorted (by creation time, newest first, unless asked otherwise), cut. The token holds the
 * last record's place, not a count, so that records made or deleted between two pages shift nothing.
 *
 * @throws ServiceError where the token is not one of ours, or was made for other filters
 */
export function listPage<T extends Listed>(
  records: NamedRecords<T>,
  input: ListInput,
): { page: T[]; NextToken: string | undefined } {
  const order = ORDERS[input.SortBy ?? ''] ?? 'CreationTime';
  const direction = input.SortOrder === 'Ascending' ? 'ascending' : 'descending';
  const after = input.NextToken === undefined ? undefined : readToken(input.NextToken, input);
  const size = input.MaxResults ?? DEFAULT_PAGE;
  const page: T[] = [];
  for (const record of records.inOrder(order).walk(direction, after)) {
    if (!matches(record, input, records.nameOf(record))) continue;
    if (page.length === size) {
      const last = records.placeOf(page[size - 1] as T, order);
      return { page, NextToken: makeToken(last, input) };
    }
    page.push(record);
  }
  return { page, NextToken: undefined };
}

const ORDERS: Readonly<Record<string, Order>> = { Name: 'Name', Status: 'Status' };

/** The API reference: created at or after, modified after; both before. */
function matches(record: Listed, input: ListInput, name: string): boolean {
  const modified = record.LastModifiedTime ?? record.CreationTime;
  return (
    (input.NameContains === undefined || name.includes(input.NameContains)) &&
    (input.StatusEquals === undefined || record.EndpointStatus === input.StatusEquals) &&
    (input.CreationTimeAfter === undefined || record.CreationTime >= input.CreationTimeAfter) &&
    (input.CreationTimeBefore === undefined || record.CreationTime < input.CreationTimeBefore) &&
    (input.LastModifiedTimeAfter === undefined || modified > input.LastModifiedTimeAfter) &&
    (input.LastModifiedTimeBefore === undefined || modified < input.LastModifiedTimeBefore)
  );
}

function makeToken(place: Place, input: ListInput): string {
  return Buffer.from(JSON.stringify([filterDigest(input), ...place])).toString('base64url');
}

function readToken(token: string, input: ListInput): Place {
  try {
    const [digest, ...place] = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
    const valid = place.every((part: unknown) => ['string', 'number'].includes(typeof part));
    if (valid && digest === filterDigest(input)) return place;
  } catch {
    // Not a token of ours: refused below like one that was made for another query.
  }
  throw invalid('Invalid NextToken. It must come from a call with the same parameters.');
}

/** A token belongs to the filters that it was made with; only the size of a page may change. */
function filterDigest({ NextToken, MaxResults, ...filters }: ListInput): string {
  const entries = Object.entries(filters).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(entries)).digest('base64url').slice(0, 12);
}
