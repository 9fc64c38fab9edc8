import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Crc32c, Crc64Nvme } from '@aws-sdk/checksums/crc';

/** S3's checksum algorithms, as they are spelt in requests and as they end the header's name. */
export const ALGORITHMS = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const;

export type Algorithm = (typeof ALGORITHMS)[number];

/** `COMPOSITE` is the checksum of the parts' checksums, with `-N` at its end. */
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE';

export interface Checksum {
  readonly algorithm: Algorithm;
  /** Base64. */
  readonly value: string;
  readonly type: ChecksumType;
}

/** Bytes of a checksum, which is how a value that is none of it is known. */
export const CHECKSUM_BYTES: Readonly<Record<Algorithm, number>> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA1: 20,
  SHA256: 32,
};

/** A checksum that is being taken of what goes by. */
export interface Running {
  update(piece: Buffer): void;
  digest(): Promise<Buffer>;
}

/** Starts one; MD5 is what ETags are made of. */
export function startChecksum(algorithm: Algorithm | 'MD5'): Running {
  if (algorithm === 'CRC32') return runningCrc32();
  if (algorithm === 'CRC32C') return fromLibrary(new Crc32c());
  if (algorithm === 'CRC64NVME') return fromLibrary(new Crc64Nvme());
  const hash = createHash(algorithm.toLowerCase());
  return { update: (piece) => void hash.update(piece), digest: async () => hash.digest() };
}

/** The header, or the trailer, that carries a checksum. */
export function checksumHeader(algorithm: Algorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

export function isAlgorithm(name: string): name is Algorithm {
  return (ALGORITHMS as readonly string[]).includes(name);
}

/** Node's own is ten times as fast as any in JavaScript. */
function runningCrc32(): Running {
  let value = 0;
  return {
    update: (piece) => {
      value = crc32(piece, value);
    },
    digest: async () => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes;
    },
  };
}

function fromLibrary(checksum: {
  update(piece: Uint8Array): void;
  digest(): Promise<Uint8Array>;
}): Running {
  return {
    update: (piece) => checksum.update(piece),
    digest: async () => Buffer.from(await checksum.digest()),
  };
}
