import { join, resolve } from 'node:path';
import { SmlocalError } from '../errors.js';

const BUCKET = /^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/i;

/**
 * Where on this machine a URI's data is: `s3://bucket/key` is `<stateDir>/s3/<bucket>/<key>`, `file:///abs` is `/abs`.
 * A slash at the end names the folder. Nothing is looked up on the disk.
 *
 * @throws SmlocalError for another scheme, and for a key that no file under the bucket's folder can stand for.
 */
export function pathOf(uri: string, stateDir: string): string {
  if (uri.includes('\0')) {
    throw new SmlocalError(`The data URI ${JSON.stringify(uri)} holds a NUL character.`, {
      hint: 'Remove it from the URI.',
    });
  }
  if (uri.startsWith('s3://')) return pathOfObject(uri, stateDir);
  if (uri.startsWith('file://')) return pathOfFile(uri);
  throw new SmlocalError(`The data URI ${uri} is neither s3://… nor file:///….`, {
    hint: 'Name the data as s3://bucket/key (in the local S3) or file:///absolute/path.',
  });
}

function pathOfObject(uri: string, stateDir: string): string {
  const [bucket = '', ...parts] = uri.slice('s3://'.length).split('/');
  if (!BUCKET.test(bucket) || bucket.includes('..')) {
    throw new SmlocalError(`The data URI ${uri} has no valid bucket name.`, {
      hint: 'Write it as s3://bucket/key.',
    });
  }
  if (parts.at(-1) === '') parts.pop();
  const bad = parts.find((part) => part === '' || part === '.' || part === '..');
  if (bad !== undefined) {
    throw new SmlocalError(`The key of ${uri} has the part ${JSON.stringify(bad)}.`, {
      hint: 'SageMaker makes a file name of each part between slashes; choose a key without empty parts, "." and "..".',
    });
  }
  return join(resolve(stateDir), 's3', bucket, ...parts);
}

function pathOfFile(uri: string): string {
  const path = uri.slice('file://'.length).replace(/^localhost(?=\/)/, '');
  if (!path.startsWith('/')) {
    throw new SmlocalError(`The data URI ${uri} does not name an absolute path.`, {
      hint: 'Write three slashes and the whole path: file:///home/me/model.tar.gz.',
    });
  }
  return resolve(decoded(path, uri));
}

function decoded(path: string, uri: string): string {
  try {
    const plain = decodeURIComponent(path);
    if (!plain.includes('\0')) return plain;
  } catch {
    // Said below.
  }
  throw new SmlocalError(`The data URI ${uri} has a percent sign that begins no valid escape.`, {
    hint: 'Write a percent sign in a file name as %25.',
  });
}
