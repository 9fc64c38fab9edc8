import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { SmlocalError } from '../errors.js';
import { ignoreRules } from '../ignore-rules.js';
import type { OnProgress } from '../progress.js';
import { DigestMemo } from './digest-memo.js';
import { FileChanged, pack } from './pack.js';
import { listInputs, type PackInputs } from './pack-inputs.js';
import { digestOf, readRecord, rowsOf, unchangedContents, writeRecord } from './pack-record.js';
import { reportBytes } from './progress.js';
import { identityOf } from './source-file.js';

/** Where a package's parts are, as absolute paths. */
export interface PackageSource {
  /** A folder, or an archive, with the model in it. */
  readonly model?: string;
  /** The handler's folder, packed as `code/`. */
  readonly code?: string;
  /** Patterns as in .gitignore, beside those of the folder's own, for what of `code` is left out. */
  readonly ignore?: readonly string[];
}

/** A `model.tar.gz` on this machine, ready for SageMaker. */
export interface ModelPackage {
  readonly file: string;
  /** SHA-256 of its bytes: what it is known by everywhere. */
  readonly digest: string;
  readonly bytes: number;
  /** False where it was there already, or is the model's own archive. */
  readonly built: boolean;
  /** How many files it was made of; undefined for the model's own archive. */
  readonly files?: number;
  /** What below `code` was left out, by its name in the archive. */
  readonly leftOut: readonly string[];
}

export interface PackageOptions {
  /** A folder of smlocal's own, where packages are kept. */
  readonly folder: string;
  /** The folder that an archive was unpacked into. */
  readonly unpacked: (archive: string) => Promise<string>;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

/** Never part of a model: what smlocal and git keep beside it. */
const OWN = new Set(['.smlocal', '.git']);

/** How often packing begins again where a file changes under it. */
const ATTEMPTS = 3;

/**
 * Makes the `model.tar.gz` of a model and its handler, byte for byte the same wherever and whenever the same files are
 * packed, and not again while they are the same. Where there is no handler to put in, an archive is its own package.
 *
 * @throws SmlocalError where something is not there, or cannot be packed
 */
export async function packageModel(
  source: PackageSource,
  options: PackageOptions,
): Promise<ModelPackage> {
  const kind = source.model === undefined ? undefined : await kindOf(source.model);
  if (source.code !== undefined && !existsSync(source.code)) throw missing(source.code);
  if (source.model !== undefined && kind === 'archive' && source.code === undefined) {
    return ownArchive(source.model, options);
  }
  const model =
    source.model !== undefined && kind === 'archive'
      ? await options.unpacked(source.model)
      : source.model;
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  await removePartials(options.folder);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await packOnce(source, model, options);
    } catch (error) {
      if (!(error instanceof FileChanged) || attempt >= ATTEMPTS) throw error;
    }
  }
}

async function packOnce(
  source: PackageSource,
  model: string | undefined,
  options: PackageOptions,
): Promise<ModelPackage> {
  const listed = await listInputs({ model, code: source.code, leftOut: leftOut(source, options) });
  const file = join(options.folder, `${keyOf(source)}.tar.gz`);
  const known = await reused(file, listed, options.signal);
  const files = listed.inputs.filter(({ kind }) => kind === 'file').length;
  if (known !== undefined) return { file, ...known, built: false, files, leftOut: listed.leftOut };
  const made = await build(file, listed, options);
  return { file, ...made, built: true, files, leftOut: listed.leftOut };
}

/** The package that is there, where it is still right. */
async function reused(file: string, { inputs }: PackInputs, signal: AbortSignal) {
  const record = await readRecord(`${file}.json`);
  if (record === undefined || record.identity !== (await fileIdentity(file))) return undefined;
  const same = await unchangedContents(inputs, record.rows, signal);
  if (same === undefined) return undefined;
  const { digest, bytes, identity } = record;
  if (same.touched) {
    await writeRecord(`${file}.json`, {
      digest,
      bytes,
      identity,
      rows: rowsOf(inputs, same.contents),
    });
  }
  return { digest, bytes };
}

async function build(file: string, { inputs }: PackInputs, options: PackageOptions) {
  const partial = `${file}.${process.pid}.${randomUUID()}.partial`;
  const total = inputs.reduce((sum, { size }) => sum + size, 0);
  const onBytes = reportBytes('packing', total, options.onProgress);
  try {
    const { digest, bytes, contents } = await pack(inputs, partial, {
      signal: options.signal,
      onBytes,
    });
    await rename(partial, file);
    const identity = (await fileIdentity(file)) ?? '';
    await writeRecord(`${file}.json`, { digest, bytes, identity, rows: rowsOf(inputs, contents) });
    return { digest, bytes };
  } finally {
    await rm(partial, { force: true });
  }
}

async function ownArchive(file: string, options: PackageOptions): Promise<ModelPackage> {
  const memo = new DigestMemo(join(options.folder, 'archives'));
  const identity = (await fileIdentity(file)) ?? '';
  let digest = await memo.get(file, identity);
  if (digest === undefined) {
    digest = await digestOf(file, options.signal);
    if (identity !== (await fileIdentity(file))) throw new FileChanged(file);
    await memo.set(file, identity, digest);
  }
  return { file, digest, bytes: (await stat(file)).size, built: false, leftOut: [] };
}

async function fileIdentity(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return found && identityOf({ path, stat: found });
}

async function kindOf(path: string): Promise<'folder' | 'archive'> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return 'folder';
  if (found?.isFile()) return 'archive';
  throw missing(path);
}

function missing(path: string): SmlocalError {
  return new SmlocalError(`There is nothing to pack at ${path}.`, {
    hint: 'Check model_data_path and source_dir in config.yml.',
  });
}

/** The model may lie within the code's folder, and smlocal's own files within either. */
function leftOut(source: PackageSource, { folder }: PackageOptions) {
  const rules =
    source.code === undefined ? () => false : ignoreRules(source.code, source.ignore ?? []);
  const model = source.model && resolve(source.model);
  const own = resolve(folder);
  return {
    always: (path: string) => OWN.has(basename(path)) || path === own,
    code: (path: string, isFolder: boolean) => path === model || rules(path, isFolder),
  };
}

/** One package is kept for each pair of folders, so that going to and fro between two environments packs nothing. */
function keyOf({ model, code }: PackageSource): string {
  return createHash('sha256')
    .update(JSON.stringify([model, code]))
    .digest('hex')
    .slice(0, 16);
}

/** Removes what killed processes have left half-written, `NAME.PID.partial` or `NAME.PID.ID.partial`. */
export async function removePartials(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = /\.(\d+)(?:\.[\w-]+)?\.partial$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(folder, name), { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: unknown }).code === 'EPERM';
  }
}
