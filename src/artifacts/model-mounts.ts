import { createHash } from 'node:crypto';
import { lstat, mkdir, readdir, realpath, stat, writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { SmlocalError } from '../errors.js';
import type { Mount } from '../mount.js';
import type { DirectoryCache } from './directory-cache.js';

const MODEL = '/opt/ml/model';
const CODE = 'code';
const MAX_TOP_LEVEL = 1000;

/** Something at the top level of a model, to be mounted on its place in the skeleton. */
interface TopLevel {
  readonly name: string;
  readonly kind: 'file' | 'directory';
  /** With symbolic links resolved. */
  readonly source: string;
}

/**
 * Mounts that show a model at /opt/ml/model with a source folder over its `code`.
 *
 * An engine cannot make a mount point inside a read-only mount, and nothing may be made in the user's folder. So where
 * the model has no `code` directory, a skeleton of ours goes to /opt/ml/model: an empty file or directory for each
 * thing at the top level of the model, and one for `code`; the things themselves are mounted on those. What is added to
 * the top level later shows after the container is replaced.
 */
export async function modelMounts(
  model: string | undefined,
  source: string | undefined,
  skeletons: DirectoryCache,
): Promise<Mount[]> {
  if (source === undefined) return model === undefined ? [] : [{ source: model, target: MODEL }];
  const code = { source, target: `${MODEL}/${CODE}` };
  if (model !== undefined && (await hasCodeDirectory(model))) {
    return [{ source: model, target: MODEL }, code];
  }
  const entries = model === undefined ? [] : await topLevelOf(model);
  const mounts = entries.map(({ name, source }) => ({ source, target: `${MODEL}/${name}` }));
  return [{ source: await skeletonFor(entries, skeletons), target: MODEL }, ...mounts, code];
}

/** A symbolic link does not count: the engine would follow it inside the image. */
async function hasCodeDirectory(model: string): Promise<boolean> {
  const found = await lstat(join(model, CODE)).catch(() => undefined);
  return found?.isDirectory() ?? false;
}

async function topLevelOf(model: string): Promise<TopLevel[]> {
  const root = await realpath(model);
  const names = (await readdir(root)).filter((name) => name !== CODE).sort();
  if (names.length > MAX_TOP_LEVEL) {
    throw new SmlocalError(
      `The model ${model} has ${names.length} files and folders at its top level and no code folder to mount the source on.`,
      { hint: `Make the mount point yourself: mkdir ${join(model, CODE)}` },
    );
  }
  return Promise.all(names.map((name) => topLevel(root, name)));
}

async function topLevel(root: string, name: string): Promise<TopLevel> {
  const path = join(root, name);
  const source = await realpath(path).catch(() => undefined);
  if (source === undefined || !source.startsWith(root.endsWith(sep) ? root : root + sep)) {
    throw new SmlocalError(
      `${path} is a symbolic link that leads to nothing inside the model's folder.`,
      {
        hint: `Put the file itself there, or make the mount point for the source yourself: mkdir ${join(root, CODE)}`,
      },
    );
  }
  const found = await stat(source);
  if (found.isDirectory()) return { name, kind: 'directory', source };
  if (found.isFile()) return { name, kind: 'file', source };
  throw new SmlocalError(`${path} is neither a file nor a folder.`, {
    hint: 'Remove it from the model, which SageMaker would have to store in S3.',
  });
}

async function skeletonFor(
  entries: readonly TopLevel[],
  skeletons: DirectoryCache,
): Promise<string> {
  const names = entries.map(({ name, kind }) => [name, kind]);
  const digest = createHash('sha256').update(JSON.stringify(names)).digest('hex');
  const cached = await skeletons.get(digest);
  if (cached !== undefined) return cached;
  return skeletons.add(async (directory) => {
    await mkdir(join(directory, CODE));
    for (const { name, kind } of entries) {
      if (kind === 'directory') await mkdir(join(directory, name));
      else await writeFile(join(directory, name), '');
    }
    return digest;
  });
}
