import type { Header } from 'tar';
import { entryError } from './archive-error.js';
import { decodeName, type Extension, sparseError } from './pax.js';

/** One member of an archive, as its headers describe it. */
export interface TarEntry {
  /** As the archive writes it. */
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'symlink' | 'hardlink';
  /** Bytes of content that follow; 0 for all but files. */
  readonly size: number;
  readonly mode: number | undefined;
  readonly mtime: Date | undefined;
  /** What a link points at, as the archive writes it; empty for files and directories. */
  readonly linkpath: string;
}

const KINDS: Readonly<Record<string, TarEntry['kind']>> = {
  File: 'file',
  OldFile: 'file',
  ContiguousFile: 'file',
  Directory: 'directory',
  SymbolicLink: 'symlink',
  Link: 'hardlink',
};
const SPECIAL: Readonly<Record<string, string>> = {
  CharacterDevice: 'is a character device',
  BlockDevice: 'is a block device',
  FIFO: 'is a named pipe (FIFO)',
};

const NAME_FIELD = [0, 100] as const;
const LINK_FIELD = [157, 257] as const;

/** The entry that a header describes, together with the extended headers before it. */
export function toEntry(header: Header, block: Buffer, extension: Extension): TarEntry {
  const name = extension.path ?? header.path ?? '';
  if (extension.path === undefined) checkField(block, NAME_FIELD, name);
  if (header.type === 'SparseFile') throw sparseError(name);
  const kind = KINDS[header.type];
  if (kind === undefined) throw entryError(name, SPECIAL[header.type] ?? unknownType(block));
  const isLink = kind === 'symlink' || kind === 'hardlink';
  if (isLink && extension.linkpath === undefined) checkField(block, LINK_FIELD, name);
  // Tars from before 1988 write a directory as a file whose name ends in a slash.
  const isDirectory = kind === 'directory' || (kind === 'file' && name.endsWith('/'));
  const size = kind === 'file' && !isDirectory ? (extension.size ?? header.size) : 0;
  if (size === undefined) throw entryError(name, 'has no valid size');
  return {
    name,
    kind: isDirectory ? 'directory' : kind,
    size,
    mode: header.mode,
    mtime: extension.mtime ?? header.mtime,
    linkpath: extension.linkpath ?? header.linkpath ?? '',
  };
}

/** A name ends at its first zero byte, and node-tar replaces what is not UTF-8: either could hide another name. */
function checkField(block: Buffer, [start, end]: readonly [number, number], name: string): void {
  const field = block.subarray(start, end);
  const zero = field.indexOf(0);
  if (zero >= 0 && field.subarray(zero).some((byte) => byte !== 0)) {
    throw entryError(name, 'has a NUL character within its name');
  }
  decodeName(zero < 0 ? field : field.subarray(0, zero));
}

function unknownType(block: Buffer): string {
  const type = JSON.stringify(String.fromCharCode(block[156] ?? 0));
  return `is of the type ${type}, which is neither a file, a directory nor a link`;
}
