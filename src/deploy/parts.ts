const MEBIBYTE = 1024 * 1024;

/** Parts are this long; what is no longer goes in one request. S3 asks for 5 MiB at least. */
const PART_BYTES = 8 * MEBIBYTE;

/** S3's own limit. */
const MAX_PARTS = 10_000;

/** A part's length: the same for everyone who uploads the same package, so that whoever comes later can go on. */
export function partBytes(total: number): number {
  return Math.max(PART_BYTES, Math.ceil(total / MAX_PARTS / MEBIBYTE) * MEBIBYTE);
}

/** How many parts a package of so many bytes has. */
export function partsOf(total: number): number {
  return Math.max(1, Math.ceil(total / partBytes(total)));
}

/** How long a part is, counted from 1; the last one is shorter, and those after it have nothing. */
export function lengthOf(number: number, total: number): number {
  const part = partBytes(total);
  return Math.max(0, Math.min(part, total - (number - 1) * part));
}
