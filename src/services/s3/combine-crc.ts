import type { Algorithm } from './checksums.js';

/** The CRCs' polynomials, bits reversed, as the reflected algorithms use them. */
const POLYNOMIALS: Partial<Record<Algorithm, readonly [bits: number, polynomial: bigint]>> = {
  CRC32: [32, 0xedb88320n],
  CRC32C: [32, 0x82f63b78n],
  CRC64NVME: [64, 0x9a6c9329ac4bc9b5n],
};

/** What one step of the shift register does to each bit: column i is what bit i becomes. */
type Matrix = readonly bigint[];

/** Whether the checksum of a whole can be had from those of its parts. */
export function canCombine(algorithm: Algorithm): boolean {
  return POLYNOMIALS[algorithm] !== undefined;
}

/**
 * The CRC of two pieces one after the other, from the CRC of each and the length of the second: the first is shifted by as
 * many zero bytes, a multiplication by a power of the register's matrix over GF(2), and the second is added. That is how
 * a multipart upload's full-object checksum is had without reading the object.
 */
export function combineCrc(
  algorithm: Algorithm,
  first: Buffer,
  second: Buffer,
  secondLength: number,
): Buffer {
  const [bits, polynomial] = POLYNOMIALS[algorithm] ?? [0, 0n];
  let shifted = BigInt(`0x${first.toString('hex')}`);
  let power = zeroByte(bits, polynomial);
  for (let rest = BigInt(secondLength); rest > 0n; rest >>= 1n) {
    if (rest & 1n) shifted = times(power, shifted);
    power = power.map((column) => times(power, column));
  }
  const sum = shifted ^ BigInt(`0x${second.toString('hex')}`);
  return Buffer.from(sum.toString(16).padStart(bits / 4, '0'), 'hex');
}

function zeroByte(bits: number, polynomial: bigint): Matrix {
  const zeroBit: Matrix = Array.from({ length: bits }, (_, i) =>
    i === 0 ? polynomial : 1n << BigInt(i - 1),
  );
  const twice = (matrix: Matrix) => matrix.map((column) => times(matrix, column));
  return twice(twice(twice(zeroBit)));
}

function times(matrix: Matrix, vector: bigint): bigint {
  let sum = 0n;
  for (let i = 0, rest = vector; rest > 0n; i += 1, rest >>= 1n) {
    if (rest & 1n) sum ^= matrix[i] ?? 0n;
  }
  return sum;
}
