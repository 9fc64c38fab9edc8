import { Header } from 'tar';
import { ArchiveError } from './archive-error.js';
import { decodeName, type Extension, parsePax } from './pax.js';
import { type TarEntry, toEntry } from './tar-entry.js';

const BLOCK = 512;
const MAX_META_BYTES = 1024 * 1024;
const META_TYPES = new Set<string>([
  'ExtendedHeader',
  'OldExtendedHeader',
  'GlobalExtendedHeader',
  'NextFileHasLongPath',
  'OldGnuLongPath',
  'NextFileHasLongLinkpath',
]);
/**
 * Reads a tar stream piece by piece and skips nothing in silence: what it does not know is an ArchiveError.
 *
 * The headers are node-tar's (`Header`); its `Parser` and `Unpack` are not used, since both go on after a damaged header,
 * leave out members they do not know, read sparse files as plain ones, take an archive that was cut between two members
 * for a whole one, and hold in memory all that follows the end mark.
 */
export class TarReader {
  #entries = 0;
  #bodyLeft = 0;
  #paddingLeft = 0;
  #zeroBlocks = 0;
  #block = Buffer.alloc(BLOCK);
  #filled = 0;
  #metaType: string | undefined;
  #extension: Extension = {};

  constructor(private readonly maxEntries: number) {}

  /** Yields each entry, and after a file's its content in parts of `chunk` (not copies). */
  *read(chunk: Buffer): Generator<TarEntry | Buffer, void> {
    let at = 0;
    while (at < chunk.length && this.#zeroBlocks < 2) {
      if (this.#bodyLeft > 0) {
        const part = chunk.subarray(at, at + this.#bodyLeft);
        this.#bodyLeft -= part.length;
        at += part.length;
        yield part;
      } else if (this.#paddingLeft > 0) {
        const skipped = Math.min(this.#paddingLeft, chunk.length - at);
        this.#paddingLeft -= skipped;
        at += skipped;
      } else {
        at += this.#fill(chunk, at);
        if (this.#filled < this.#block.length) return;
        const entry = this.#complete();
        if (entry) yield entry;
      }
    }
  }

  /** @throws ArchiveError where the stream ended before the archive did. */
  end(): void {
    if (this.#zeroBlocks > 0) return;
    if (this.#entries === 0)
      throw new ArchiveError('what is compressed in it is not a tar archive');
    throw new ArchiveError('it is cut short: the tar data ends without its end mark');
  }

  #fill(chunk: Buffer, at: number): number {
    const copied = chunk.copy(this.#block, this.#filled, at);
    this.#filled += copied;
    return copied;
  }

  /** A whole block, or the whole body of an extended header, is there. */
  #complete(): TarEntry | undefined {
    const block = this.#block;
    const metaType = this.#metaType;
    this.#block = metaType === undefined ? block : Buffer.alloc(BLOCK);
    this.#filled = 0;
    this.#metaType = undefined;
    if (metaType === undefined) return this.#readHeader(block);
    this.#paddingLeft = paddingOf(block.length);
    this.#readMeta(metaType, block);
    return undefined;
  }

  #readHeader(block: Buffer): TarEntry | undefined {
    const header = this.#decode(block);
    if (header.nullBlock) {
      this.#zeroBlocks += 1;
      return undefined;
    }
    if (this.#zeroBlocks > 0)
      throw new ArchiveError('it goes on after a zero block, which ends a tar archive');
    this.#entries += 1;
    if (this.#entries > this.maxEntries) {
      throw new ArchiveError(`it has more than ${this.maxEntries} entries`);
    }
    if (META_TYPES.has(header.type)) return this.#startMeta(header);
    const extension = this.#extension;
    this.#extension = {};
    // `tar -V` puts a label before the members; it is no file.
    if (header.type === 'TapeVolumeHeader') return undefined;
    return this.#startEntry(toEntry(header, block, extension));
  }

  #decode(block: Buffer): Header {
    let header: Header | undefined;
    try {
      header = new Header(block);
    } catch {
      // A number that is none; said below.
    }
    if (header && (header.nullBlock || header.cksumValid)) return header;
    if (this.#entries === 0)
      throw new ArchiveError('what is compressed in it is not a tar archive');
    throw new ArchiveError('it is damaged: a header in the tar data has a wrong checksum');
  }

  #startMeta(header: Header): undefined {
    const size = header.size ?? 0;
    if (size > MAX_META_BYTES) throw new ArchiveError('one of its extended headers is over 1 MiB');
    this.#metaType = header.type;
    this.#block = Buffer.alloc(size);
    // An empty one is complete at once, and `read` only comes back here with bytes.
    if (size === 0) this.#complete();
    return undefined;
  }

  #readMeta(type: string, body: Buffer): void {
    if (type === 'NextFileHasLongPath' || type === 'OldGnuLongPath') {
      this.#extension.path = decodeName(withoutEndingZeros(body));
    } else if (type === 'NextFileHasLongLinkpath') {
      this.#extension.linkpath = decodeName(withoutEndingZeros(body));
    } else if (type === 'GlobalExtendedHeader') {
      const { path, linkpath, size } = parsePax(body);
      if (path !== undefined || linkpath !== undefined || size !== undefined) {
        throw new ArchiveError('a global PAX header in it renames or resizes every entry');
      }
    } else {
      Object.assign(this.#extension, parsePax(body));
    }
  }

  #startEntry(entry: TarEntry): TarEntry {
    this.#bodyLeft = entry.size;
    this.#paddingLeft = paddingOf(entry.size);
    return entry;
  }
}

function withoutEndingZeros(body: Buffer): Buffer {
  let end = body.length;
  while (end > 0 && body[end - 1] === 0) end -= 1;
  return body.subarray(0, end);
}

function paddingOf(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}
