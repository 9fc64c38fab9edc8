import { createHash, type Hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createGzip, type Gzip } from 'node:zlib';
import { SmlocalError } from '../errors.js';
import { Breather } from './breather.js';
import type { PackInput } from './pack-inputs.js';
import { contentOf, hasChanged } from './source-file.js';
import { END_OF_ARCHIVE, headerOf, paddingFor } from './tar-header.js';

/** gzip's own default, and so that of `tar -czf`. */
const LEVEL = 6;

/** What is handed to zlib at a time; small members are gathered until there is so much. */
const PIECE_BYTES = 512 * 1024;

/** Files up to this are read at once: a trip through the thread pool for each would take ten times as long. */
const SMALL_BYTES = 256 * 1024;

const OS_OFFSET = 9;
const OS_UNKNOWN = 255;

export interface Packed {
  /** SHA-256 of the archive. */
  readonly digest: string;
  readonly bytes: number;
  /** SHA-256 of each file's content, by its name in the archive. */
  readonly contents: ReadonlyMap<string, string>;
}

/**
 * Writes a `.tar.gz` of these members, in their order, to a new file. The bytes depend on names, modes and contents alone
 * (and on the version of zlib in Node). Nothing is held in memory but the pieces under way.
 *
 * @throws FileChanged where a file is written to as it is read
 */
export async function pack(
  inputs: readonly PackInput[],
  path: string,
  options: { signal: AbortSignal; onBytes: (done: number) => void },
): Promise<Packed> {
  const file = await open(path, 'wx', 0o600);
  const gzip = createGzip({ level: LEVEL, chunkSize: PIECE_BYTES });
  gzip.on('error', () => undefined); // It reaches whoever writes or reads.
  try {
    const [fed, drained] = await Promise.allSettled([
      feed(gzip, inputs, options),
      drain(gzip, file),
    ]);
    if (fed.status === 'rejected') throw fed.reason;
    if (drained.status === 'rejected') throw drained.reason;
    await file.sync();
    return { ...drained.value, contents: fed.value };
  } finally {
    gzip.destroy();
    await file.close();
  }
}

/** A file that another program was writing while it was packed. */
export class FileChanged extends SmlocalError {
  constructor(path: string) {
    super(`${path} was written to while it was packed.`, {
      hint: 'Deploy again when whatever writes it has finished.',
    });
  }
}

async function feed(
  gzip: Gzip,
  inputs: readonly PackInput[],
  { signal, onBytes }: { signal: AbortSignal; onBytes: (done: number) => void },
): Promise<Map<string, string>> {
  const contents = new Map<string, string>();
  const gathered = new Gathered(gzip);
  const breather = new Breather();
  let done = 0;
  try {
    for (const input of inputs) {
      signal.throwIfAborted();
      await gathered.push(headerOf(input));
      if (input.kind !== 'file') continue;
      const hash = createHash('sha256');
      for await (const piece of read(input, hash)) {
        signal.throwIfAborted();
        await gathered.push(piece);
        done += piece.length;
        onBytes(done);
      }
      await gathered.push(paddingFor(input.size));
      contents.set(input.name, hash.digest('hex'));
      await breather.breathe();
    }
    await gathered.push(END_OF_ARCHIVE);
    await gathered.flush();
    gzip.end();
    return contents;
  } catch (error) {
    gzip.destroy(error as Error);
    throw error;
  }
}

/** A file's content, exactly as long as its header says. */
async function* read(input: PackInput, hash: Hash): AsyncGenerator<Buffer> {
  if (input.size <= SMALL_BYTES) {
    const content = readFileSync(input.path);
    if (content.length !== input.size) throw new FileChanged(input.path);
    hash.update(content);
    yield content;
    return;
  }
  const handle = await open(input.path, 'r');
  try {
    const source = { path: input.path, handle, stat: await handle.stat({ bigint: true }) };
    let length = 0;
    for await (const piece of contentOf(source, hash, () => undefined)) {
      length += piece.length;
      if (length > input.size) break;
      yield piece;
    }
    if (length !== input.size || (await hasChanged(source))) throw new FileChanged(input.path);
  } finally {
    await handle.close();
  }
}

/** Many small buffers as few large ones. */
class Gathered {
  #parts: Buffer[] = [];
  #bytes = 0;

  constructor(private readonly gzip: Gzip) {}

  async push(part: Buffer): Promise<void> {
    if (part.length === 0) return;
    this.#parts.push(part);
    this.#bytes += part.length;
    if (this.#bytes >= PIECE_BYTES) await this.flush();
  }

  async flush(): Promise<void> {
    const parts = this.#parts.splice(0);
    this.#bytes = 0;
    for (const part of parts.length > 8 ? [Buffer.concat(parts)] : parts)
      await write(this.gzip, part);
  }
}

/** Resolves when zlib has taken the piece, which waits for the disk. */
function write(gzip: Gzip, piece: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      gzip.off('close', settle);
      if (gzip.errored || gzip.destroyed)
        reject(gzip.errored ?? new Error('The archive was closed.'));
      else resolve();
    };
    // What is destroyed need not call back.
    gzip.once('close', settle);
    gzip.write(piece, settle);
  });
}

async function drain(gzip: Gzip, file: FileHandle): Promise<{ digest: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of gzip as AsyncIterable<Buffer>) {
    // gzip's header names the operating system; the rest of it is zeros and the level.
    if (bytes === 0) chunk[OS_OFFSET] = OS_UNKNOWN;
    hash.update(chunk);
    bytes += chunk.length;
    await file.writeFile(chunk);
  }
  return { digest: hash.digest('hex'), bytes };
}
