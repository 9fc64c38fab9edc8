import { ArchiveError } from './archive-error.js';

/** What an extended header says of the entry after it, as far as unpacking needs it. */
export interface Extension {
  path?: string;
  linkpath?: string;
  size?: number;
  mtime?: Date;
}

/**
 * Reads a PAX extended header. node-tar's own reader goes line by line: it drops a name with a line end in it and cuts
 * one at a NUL, and the entry would be unpacked under a wrong name. This one goes by the lengths, as POSIX says.
 */
export function parsePax(body: Buffer): Extension {
  const extension: Extension = {};
  for (const [key, value] of records(body)) {
    if (key.startsWith('GNU.sparse.')) throw sparseError();
    if (value.length === 0) continue;
    if (key === 'path' || key === 'linkpath') extension[key] = decodeName(value);
    else if (key === 'size') extension.size = decodeSize(value);
    else if (key === 'mtime') extension.mtime = new Date(Number(value.toString('latin1')) * 1000);
  }
  return extension;
}

/** A name from the raw bytes of a header. Two names that are not UTF-8 could become one, so such are refused. */
export function decodeName(bytes: Buffer): string {
  try {
    const name = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!name.includes('\0')) return name;
  } catch (error) {
    const shown = JSON.stringify(bytes.toString('latin1'));
    throw new ArchiveError(`the entry name ${shown} is not UTF-8`, { cause: error });
  }
  const shown = JSON.stringify(bytes.toString('utf8'));
  throw new ArchiveError(`the entry name ${shown} holds a NUL character`);
}

export function sparseError(name?: string): ArchiveError {
  const subject = name === undefined ? 'it' : `the entry ${JSON.stringify(name)}`;
  return new ArchiveError(
    `${subject} is stored as a sparse file, which not every extractor understands`,
    { hint: 'Repack it without --sparse (-S): tar -czf model.tar.gz -C FOLDER .' },
  );
}

function* records(body: Buffer): Generator<[string, Buffer]> {
  let at = 0;
  while (at < body.length && body[at] !== 0) {
    const space = body.indexOf(0x20, at);
    const length = space < 0 ? '' : body.toString('latin1', at, space);
    const end = /^\d{1,9}$/.test(length) ? at + Number(length) : 0;
    const equals = body.indexOf(0x3d, space);
    if (end > body.length || equals < 0 || equals >= end || body[end - 1] !== 0x0a) {
      throw new ArchiveError('one of its PAX headers is damaged');
    }
    yield [body.toString('utf8', space + 1, equals), body.subarray(equals + 1, end - 1)];
    at = end;
  }
}

function decodeSize(value: Buffer): number {
  const text = value.toString('latin1');
  const size = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(size)) return size;
  throw new ArchiveError(`one of its PAX headers gives the size ${JSON.stringify(text)}`);
}
