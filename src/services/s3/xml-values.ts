import { s3Error } from './errors.js';

type Element = Readonly<Record<string, unknown>>;

/** The elements of one name, as records: none, one or several. @throws ServiceError `MalformedXML` for text */
export function elements(value: unknown): readonly Element[] {
  if (value === undefined) return [];
  const list = Array.isArray(value) ? value : [value];
  return list.map((one) => {
    if (typeof one !== 'object' || one === null) throw s3Error('MalformedXML');
    return one as Element;
  });
}

/** The text of an element that may be there once. @throws ServiceError `MalformedXML` for anything else */
export function textOf(value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw s3Error('MalformedXML');
}
