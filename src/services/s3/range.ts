import { s3Error } from './errors.js';

export interface ByteRange {
  readonly from: number;
  /** The first byte that is not in it. */
  readonly until: number;
}

const RANGE = /^bytes=(\d*)-(\d*)$/;

/**
 * The bytes that a `Range` header asks for. Undefined, and so the whole object, for what is no range of bytes or is several,
 * which S3 does not serve.
 * @throws ServiceError `InvalidRange` where the object has no such bytes
 */
export function rangeOf(header: string | undefined, size: number): ByteRange | undefined {
  const [, first = '', last = ''] = RANGE.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '') return suffix(Number(last), size, header);
  if (last !== '' && Number(last) < Number(first)) return undefined;
  if (Number(first) >= size) throw unsatisfiable(size, header);
  return { from: Number(first), until: last === '' ? size : Math.min(Number(last) + 1, size) };
}

function suffix(length: number, size: number, header: string | undefined): ByteRange {
  if (length === 0 || size === 0) throw unsatisfiable(size, header);
  return { from: Math.max(size - length, 0), until: size };
}

function unsatisfiable(size: number, header: string | undefined) {
  return s3Error('InvalidRange', { RangeRequested: header, ActualObjectSize: size });
}

/** `Content-Range` of an answer with a part of an object. */
export function contentRange({ from, until }: ByteRange, size: number): string {
  return `bytes ${from}-${until - 1}/${size}`;
}
