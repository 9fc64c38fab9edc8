import type { FileHandle } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import type { Caller } from '../../hosting/arn.js';
import type { Scavenger } from '../../hosting/scavenge.js';
import type { Buckets } from './buckets.js';
import type { ObjectStore } from './object-store.js';
import type { Passthrough } from './passthrough/passthrough.js';
import type { Staging } from './staging.js';
import type { Uploads } from './uploads.js';

/** An element of a document: text, or elements by name; several of one name are a list. */
export type XmlContent =
  | string
  | number
  | boolean
  | Date
  | undefined
  | { readonly [name: string]: XmlContent }
  | readonly XmlContent[];

/** A request to S3, whose bucket and key have been found, by path or by host. */
export interface S3Request {
  readonly bucket: string;
  /** Empty where the request is about the bucket. */
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: AsyncIterable<Buffer>;
  /** The body as a document, by the name of its root. @throws ServiceError `MalformedXML` */
  readonly document: (root: string) => Promise<Readonly<Record<string, unknown>>>;
  readonly caller: Caller;
  /** Whether it is code in a container that asks, which has no part in the user's own credentials. */
  readonly fromContainer?: boolean;
}

export interface S3Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A document: the root's name and what is in it. */
  readonly xml?: readonly [root: string, content: { readonly [name: string]: XmlContent }];
  /** Bytes as they come from elsewhere. */
  readonly body?: AsyncIterable<Buffer>;
  /** Bytes of a file from one offset up to another; whoever sends them closes it. */
  readonly file?: { readonly handle: FileHandle; readonly from: number; readonly until: number };
}

/** What the operations work on. */
export interface S3Parts {
  readonly buckets: Buckets;
  readonly objects: ObjectStore;
  readonly staging: Staging;
  readonly uploads: Uploads;
  readonly scavenger: Scavenger;
  /** The buckets of another S3; absent where there are none. */
  readonly passthrough?: Passthrough;
  /** The region of buckets that were made as folders, by hand. */
  readonly defaultRegion: string;
}

export type S3Operation = (request: S3Request, parts: S3Parts) => Promise<S3Answer>;
