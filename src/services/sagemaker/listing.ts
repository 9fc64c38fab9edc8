import { createHash } from 'node:crypto';
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
  readonly EndpointStatus?: string;
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
  records: readonly T[],
  input: ListInput,
  nameOf: (record: T) => string,
): { page: T[]; NextToken: string | undefined } {
  const placeOf = (record: T) => [sortKey(record, input.SortBy, nameOf), nameOf(record)] as const;
  const direction = input.SortOrder === 'Ascending' ? 1 : -1;
  const compare = (a: Place, b: Place) => direction * comparePlaces(a, b);
  const after = input.NextToken === undefined ? undefined : readToken(input.NextToken, input);
  const rest = records
    .filter((record) => matches(record, input, nameOf(record)))
    .map((record) => ({ record, place: placeOf(record) }))
    .filter(({ place }) => after === undefined || compare(after, place) < 0)
    .sort((a, b) => compare(a.place, b.place));
  const page = rest.slice(0, input.MaxResults ?? DEFAULT_PAGE);
  const last = page.at(-1);
  const more = rest.length > page.length && last !== undefined;
  return {
    page: page.map(({ record }) => record),
    NextToken: more ? makeToken(last.place, input) : undefined,
  };
}

type Place = readonly [key: string | number, name: string];

function sortKey<T extends Listed>(
  record: T,
  sortBy: string | undefined,
  nameOf: (record: T) => string,
) {
  if (sortBy === 'Name') return nameOf(record);
  if (sortBy === 'Status') return record.EndpointStatus ?? '';
  return record.CreationTime.getTime();
}

function comparePlaces([keyA, nameA]: Place, [keyB, nameB]: Place): number {
  if (keyA !== keyB) return keyA < keyB ? -1 : 1;
  return nameA === nameB ? 0 : nameA < nameB ? -1 : 1;
}

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
    const [digest, key, name] = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
    const valid = ['string', 'number'].includes(typeof key) && typeof name === 'string';
    if (valid && digest === filterDigest(input)) return [key, name];
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
