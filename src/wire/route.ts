import type { IncomingMessage } from 'node:http';
import { TARGET_PREFIX } from './control-plane.js';
import { isJsonService } from './json-services.js';
import { rpcTarget } from './rpc-cbor.js';
import { runtimeOperation } from './runtime.js';
import { bucketOfHost } from './s3-address.js';

/** Paths of smlocal's own: no AWS service has them, and no bucket's name has an underscore at its start. */
const ADMIN_PREFIX = '/_smlocal/';

/** By their signing names; `monitoring` is CloudWatch. */
const QUERY_SERVICES = ['sts', 'iam', 'monitoring'];

const FORM = 'application/x-www-form-urlencoded';

/**
 * Whom a request is for; `json` where the target tells which service beside SageMaker, `rpc` where the path does, `query` where only the
 * form itself tells which.
 */
export type Destination =
  | 'runtime'
  | 'admin'
  | 'sagemaker'
  | 'json'
  | 'rpc'
  | 's3'
  | 'query'
  | 'unknown';

/** What a request shows of whom it is for. */
export interface Seen {
  readonly method: string | undefined;
  /** Without the query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** The service of the credential scope. */
  readonly service: string | undefined;
}

/**
 * Says whom a request is for: by path, then by target header, then by credential scope, then by host. What is not signed is
 * a form's, or S3's, whose objects are read by whoever has their address. Invocations come first, for they must be quick.
 */
export function destinationOf(seen: Seen): Destination {
  const { path, service } = seen;
  if (runtimeOperation(path) !== undefined && service !== 's3') return 'runtime';
  if (path.startsWith(ADMIN_PREFIX)) return 'admin';
  const target = seen.headers['x-amz-target'];
  if (target !== undefined) return destinationOfTarget(String(target));
  if (rpcTarget(path, seen.headers) !== undefined) return 'rpc';
  if (service !== undefined) return destinationOfService(service);
  if (bucketOfHost(seen.headers.host) !== undefined) return 's3';
  if (isForm(seen)) return 'query';
  return seen.method === 'POST' ? 'unknown' : 's3';
}

function destinationOfTarget(target: string): Destination {
  if (target.startsWith(TARGET_PREFIX)) return 'sagemaker';
  return isJsonService(target) ? 'json' : 'unknown';
}

function destinationOfService(service: string): Destination {
  if (service === 's3') return 's3';
  return QUERY_SERVICES.includes(service) ? 'query' : 'unknown';
}

function isForm({ method, path, headers }: Seen): boolean {
  return method === 'POST' && path === '/' && headers['content-type']?.startsWith(FORM) === true;
}
