import { type FileHandle, open } from 'node:fs/promises';
import { isRefusal } from '../aws/call.js';
import type { ObjectAddress, Objects, UploadedPart } from '../aws/objects.js';
import { SmlocalError } from '../errors.js';
import type { OnProgress } from '../progress.js';
import { lengthOf, partBytes, partsOf } from './parts.js';
import type { PendingUploads } from './pending.js';

/** Parts under way at one time, each held in memory. */
const AT_ONCE = 4;

/** How often an upload that somebody has ended meanwhile is begun again. */
const ATTEMPTS = 3;

/** The object's metadata that says what it holds. */
export const DIGEST_METADATA = 'smlocal-sha256';

export interface Package {
  readonly file: string;
  /** SHA-256 in hexadecimal digits. */
  readonly digest: string;
  readonly bytes: number;
}

export interface UploadOptions {
  readonly pending: PendingUploads;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

/** Whether the object is there and holds the package, by what its metadata says. */
export async function isUploaded(
  objects: Objects,
  at: ObjectAddress,
  { digest, bytes }: Package,
): Promise<boolean> {
  try {
    const found = await objects.head(at);
    return found?.bytes === bytes && found.metadata[DIGEST_METADATA] === digest;
  } catch (error) {
    // S3 says so too of what is missing, to who may not list the bucket. It is uploaded then.
    if (isRefusal(error, 403)) return false;
    throw error;
  }
}

/**
 * Puts a package where it belongs. One of several parts goes on where an earlier run was ended: the upload's id is kept on
 * the disk, and S3 lists it where even that was lost.
 */
export async function upload(
  objects: Objects,
  at: ObjectAddress,
  packed: Package,
  options: UploadOptions,
): Promise<void> {
  const file = await open(packed.file, 'r');
  try {
    const { size, mtimeMs } = await file.stat();
    const isStill = async () => {
      const now = await file.stat();
      return now.size === size && now.mtimeMs === mtimeMs;
    };
    if (size !== packed.bytes) throw changed(packed);
    if ((await options.pending.find(at)) === undefined) await options.pending.put(at);
    if (partsOf(packed.bytes) === 1) await putWhole(objects, at, packed, file, options);
    else await putParts(objects, at, packed, { file, isStill }, options);
  } finally {
    await file.close();
  }
}

async function putWhole(
  objects: Objects,
  at: ObjectAddress,
  packed: Package,
  file: FileHandle,
  { onProgress }: UploadOptions,
): Promise<void> {
  const body = await readPart(file, 0, packed.bytes);
  const metadata = { [DIGEST_METADATA]: packed.digest };
  await objects.put(at, body, packed.digest, metadata);
  onProgress({ activity: 'uploading', done: packed.bytes, total: packed.bytes });
}

interface Source {
  readonly file: FileHandle;
  /** Whether nobody has written to it since it was opened. */
  readonly isStill: () => Promise<boolean>;
}

async function putParts(
  objects: Objects,
  at: ObjectAddress,
  packed: Package,
  { file, isStill }: Source,
  options: UploadOptions,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const begun = await beginOrResume(objects, at, packed, options);
    try {
      const parts = await sendMissing(objects, at, packed, file, begun, options);
      if (!(await isStill())) {
        await objects.abortUpload(at, begun.uploadId);
        throw changed(packed);
      }
      return await objects.completeUpload(at, begun.uploadId, parts);
    } catch (error) {
      // Another run of the same deploy may have completed it, or ended it.
      if (!isRefusal(error, 'NoSuchUpload') || attempt >= ATTEMPTS) throw error;
      if (await isUploaded(objects, at, packed)) return;
    }
  }
}

interface Begun {
  readonly uploadId: string;
  readonly parts: readonly UploadedPart[];
}

async function beginOrResume(
  objects: Objects,
  at: ObjectAddress,
  packed: Package,
  { pending }: UploadOptions,
): Promise<Begun> {
  const known = (await pending.find(at))?.uploadId;
  let chosen: Begun | undefined;
  for (const uploadId of new Set([
    ...(known === undefined ? [] : [known]),
    ...(await objects.openUploads(at)),
  ])) {
    const parts = await objects.parts(at, uploadId);
    if (parts === undefined) continue;
    const fits = parts.every(({ number, bytes }) => bytes === lengthOf(number, packed.bytes));
    if (chosen === undefined && fits) chosen = { uploadId, parts };
    else await objects.abortUpload(at, uploadId);
  }
  if (chosen === undefined) {
    const metadata = { [DIGEST_METADATA]: packed.digest };
    chosen = { uploadId: await objects.beginUpload(at, metadata), parts: [] };
  }
  await pending.put({ ...at, uploadId: chosen.uploadId });
  return chosen;
}

async function sendMissing(
  objects: Objects,
  at: ObjectAddress,
  packed: Package,
  file: FileHandle,
  { uploadId, parts }: Begun,
  { signal, onProgress }: UploadOptions,
): Promise<UploadedPart[]> {
  const sent = new Map(parts.map((part) => [part.number, part]));
  const missing = Array.from({ length: partsOf(packed.bytes) }, (_, index) => index + 1).filter(
    (number) => !sent.has(number),
  );
  const report = () => {
    const done = [...sent.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    onProgress({ activity: 'uploading', done, total: packed.bytes });
  };
  report();
  const worker = async () => {
    for (let number = missing.shift(); number !== undefined; number = missing.shift()) {
      signal.throwIfAborted();
      const start = (number - 1) * partBytes(packed.bytes);
      const body = await readPart(file, start, lengthOf(number, packed.bytes));
      sent.set(number, await objects.uploadPart(at, uploadId, number, body));
      report();
    }
  };
  const working = Array.from({ length: Math.min(AT_ONCE, missing.length) }, () =>
    worker().catch((error: unknown) => {
      missing.length = 0; // The others end with the part that they have.
      throw error;
    }),
  );
  const ended = await Promise.allSettled(working);
  const failed = ended.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return [...sent.values()].sort((a, b) => a.number - b.number);
}

async function readPart(file: FileHandle, start: number, length: number): Promise<Buffer> {
  const part = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(part, filled, length - filled, start + filled);
    if (bytesRead === 0)
      throw new SmlocalError('The package became shorter while it was uploaded.');
    filled += bytesRead;
  }
  return part;
}

function changed({ file }: Package): SmlocalError {
  return new SmlocalError(`${file} was written to while it was uploaded.`, {
    hint: 'Deploy again when whatever writes it has finished.',
  });
}
