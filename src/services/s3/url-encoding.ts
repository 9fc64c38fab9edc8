import { invalidArgument } from './errors.js';

export type Encode = (text: string) => string;

/** How a listing writes keys: as they are, or with `encoding-type=url` as a form does, but for slashes. */
export function encodingOf(query: URLSearchParams): Encode {
  const encoding = query.get('encoding-type');
  if (encoding === null || encoding === '') return (text) => text;
  if (encoding === 'url') return urlEncoded;
  throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', encoding);
}

function urlEncoded(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%20/g, '+')
    .replace(/%2F/g, '/');
}
