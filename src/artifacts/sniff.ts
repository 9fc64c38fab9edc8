import { ArchiveError } from './archive-error.js';

const GZIP = Buffer.from([0x1f, 0x8b]);
const OTHERS: readonly (readonly [string, number, Buffer])[] = [
  ['a plain tar archive, not compressed', 257, Buffer.from('ustar')],
  ['a zip archive', 0, Buffer.from('PK\x03\x04', 'latin1')],
  ['a tar archive compressed with bzip2, or bzip2 data', 0, Buffer.from('BZh')],
  ['xz data', 0, Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])],
  ['Zstandard data', 0, Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
  ['a Git LFS pointer, not the data itself', 0, Buffer.from('version https://git-lfs')],
];

/** How much of a file's beginning {@link checkGzip} looks at. */
export const SNIFFED_BYTES = 512;

/** @throws ArchiveError that says what the data looks like, where it does not begin as gzip does. */
export function checkGzip(head: Buffer): void {
  if (head.subarray(0, 2).equals(GZIP)) return;
  throw new ArchiveError(
    `it is ${lookOf(head)}, and SageMaker needs a tar archive compressed with gzip`,
    {
      hint: 'Pack it with gzip: tar -czf model.tar.gz -C FOLDER .',
    },
  );
}

function lookOf(head: Buffer): string {
  if (head.length === 0) return 'empty';
  const found = OTHERS.find(([, at, magic]) => head.subarray(at, at + magic.length).equals(magic));
  return found?.[0] ?? 'not gzip data';
}
