import { createHash } from 'node:crypto';
import { oneOf } from '../support/random.js';

/** One request, as bytes and headers. */
export interface Call {
  readonly method: string;
  /** With its query; percent-encoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

const KEYS = ['a', 'b/c', 'b/d/e', 'b e+f', 'ä/ö', 'z', 'never'];
const BODIES = ['', 'hello', 'x'.repeat(2000), '{"a":1}', 'ünï'];
const PREFIXES = ['', 'b', 'b/', 'b/d/', 'ä/', 'q'];
const RANGES = ['bytes=0-2', 'bytes=2-', 'bytes=-3', 'bytes=9000-', 'bytes=0-9999'];

const md5 = (text: string) => createHash('md5').update(text).digest('hex');
const encoded = (key: string) => key.split('/').map(encodeURIComponent).join('/');

/** A call out of those that scripts make most, on few keys, so that they meet what others have left. */
export function randomCall(bucket: string, random: () => number): Call {
  const one = <T>(list: readonly T[]) => oneOf(list, random);
  const key = `/${bucket}/${encoded(one(KEYS))}`;
  const make: readonly (() => Call)[] = [
    () =>
      put(
        key,
        one(BODIES),
        one([{}, { 'x-amz-meta-colour': 'red' }, { 'content-type': 'text/plain' }]),
      ),
    () => put(key, one(BODIES), { 'if-none-match': '*' }),
    () => get('GET', key),
    () => get('GET', key, { range: one(RANGES) }),
    () => get('GET', key, { 'if-none-match': `"${md5(one(BODIES))}"` }),
    () => get('GET', key, { 'if-match': `"${md5(one(BODIES))}"` }),
    () => get('HEAD', key),
    () => get('GET', `${key}?response-content-type=a%2Fb`),
    () => get('DELETE', key),
    () => copy(key, `/${bucket}/${encoded(one(KEYS))}`, one(['COPY', 'REPLACE'])),
    () =>
      list(bucket, one(PREFIXES), one(['', '/', '']), one(['', '1', '2', '1000']), one(['1', '2'])),
    () => deleteMany(bucket, [one(KEYS), one(KEYS)]),
    () => get('HEAD', `/${one([bucket, 'not-there'])}`),
    () => get('GET', `/not-there/${encoded(one(KEYS))}`),
    () => get('GET', `${key}?uploadId=none`),
    () => get('GET', `/${bucket}?${one(['location', 'versioning', 'uploads'])}`),
  ];
  return one(make)();
}

function get(method: string, path: string, headers: Record<string, string> = {}): Call {
  return { method, path, headers };
}

function put(path: string, body: string, headers: Record<string, string> | object): Call {
  return { method: 'PUT', path, headers: { ...headers }, body };
}

function copy(to: string, from: string, directive: string): Call {
  const headers = { 'x-amz-copy-source': from, 'x-amz-metadata-directive': directive };
  return { method: 'PUT', path: to, headers, body: '' };
}

function list(
  bucket: string,
  prefix: string,
  delimiter: string,
  most: string,
  version: string,
): Call {
  const query = new URLSearchParams({ prefix, delimiter, 'max-keys': most });
  for (const [name, value] of [...query]) if (value === '') query.delete(name);
  if (version === '2') query.set('list-type', '2');
  return get('GET', `/${bucket}?${query}`);
}

function deleteMany(bucket: string, keys: readonly string[]): Call {
  const objects = [...new Set(keys)].map((key) => `<Object><Key>${key}</Key></Object>`).join('');
  const body = `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${objects}</Delete>`;
  const sum = createHash('md5').update(body).digest('base64');
  return { method: 'POST', path: `/${bucket}?delete`, headers: { 'content-md5': sum }, body };
}

export function createBucket(bucket: string, region: string): Call {
  const body = `<CreateBucketConfiguration><LocationConstraint>${region}</LocationConstraint></CreateBucketConfiguration>`;
  return { method: 'PUT', path: `/${bucket}`, headers: {}, body };
}
