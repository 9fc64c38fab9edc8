import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SmlocalError } from '../errors.js';
import type { Logger } from '../log.js';
import type { Mount } from '../mount.js';
import type { CallerOptions } from '../shared-work.js';
import { DirectoryCache } from './directory-cache.js';
import { pathOf } from './locate.js';
import type { ModelData } from './model-data.js';
import { modelMounts } from './model-mounts.js';
import { type ModelShelf, ModelShelves } from './model-shelves.js';
import type { RemoteData } from './remote-data.js';
import { versionOf } from './source-file.js';
import type { ArtifactLimits } from './unpack.js';
import { UnpackedFiles } from './unpacked-files.js';

export type { ArtifactLimits } from './unpack.js';

/** Turns a model's data into a directory that can be mounted, and never writes to what belongs to the user. */
export interface Artifacts {
  /** Whether the data is there, as CreateModel checks. False as well for a URI that names no place. */
  exists(data: ModelData): Promise<boolean>;

  /**
   * The directory to mount. An archive is unpacked once into the cache; calls for one archive at the same time share
   * the work, and it is aborted when all of them are.
   * @throws SmlocalError that names the entry of the archive which is refused.
   */
  directoryFor(data: ModelData, options?: CallerOptions): Promise<string>;

  /**
   * Changes whenever an archive may have changed. Nothing is unpacked.
   * @throws SmlocalError where there is none
   */
  versionOf(data: ModelData): Promise<string>;

  /** Where the models of a multi-model container are shown. */
  shelfOf(containerName: string): ModelShelf;

  /** Removes every shelf, for no container is left. */
  removeShelves(): Promise<void>;

  /** Mounts that show `modelDirectory` at /opt/ml/model, with `sourceDirectory` over /opt/ml/model/code. */
  mounts(modelDirectory: string | undefined, sourceDirectory: string | undefined): Promise<Mount[]>;
}

/** Far above any model, and low enough that an archive made to fill the disk or its inodes is stopped. */
const DEFAULT_LIMITS: ArtifactLimits = { maxBytes: 64 * 1024 ** 3, maxEntries: 200_000 };

export function createArtifacts(options: {
  stateDir: string;
  limits?: Partial<ArtifactLimits>;
  /** What is not in the local S3; all is where absent. */
  remote?: RemoteData;
  log: Logger;
}): Artifacts {
  const { stateDir, remote, log } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const files = new UnpackedFiles({ folder: join(stateDir, 'cache'), limits, log });
  const skeletons = new DirectoryCache(join(stateDir, 'cache', 'skeletons'));
  const directoryAt = async (path: string, data: ModelData, caller: CallerOptions) => {
    if ((await kindOf(path, data)) === 'folder') return path;
    return files.directoryFor(path, data.compression === 'Gzip' ? 'archive' : 'object', caller);
  };
  const shelves = new ModelShelves(stateDir);
  return {
    exists: async (data) => {
      if (remote !== undefined && (await remote.covers(data.uri))) return remote.exists(data);
      return exists(data, stateDir);
    },
    directoryFor: async (data, caller = {}) => {
      if (remote === undefined || !(await remote.covers(data.uri)))
        return directoryAt(pathOf(data.uri, stateDir), data, caller);
      return remote.withData(data, caller, (path) => directoryAt(path, data, caller));
    },
    versionOf: async (data) => {
      if (remote !== undefined && (await remote.covers(data.uri))) return remote.versionOf(data);
      const path = pathOf(data.uri, stateDir);
      if ((await kindOf(path, data)) === 'folder') throw notAnArchive(data);
      return versionOf(path);
    },
    shelfOf: (containerName) => shelves.of(containerName),
    removeShelves: () => shelves.removeAll(),
    mounts: (model, source) => modelMounts(model, source, skeletons),
  };
}

async function exists(data: ModelData, stateDir: string): Promise<boolean> {
  try {
    await kindOf(pathOf(data.uri, stateDir), data);
    return true;
  } catch (error) {
    if (error instanceof SmlocalError) return false;
    throw error;
  }
}

/** What is at the data's path, where that is what its kind of data may be. @throws SmlocalError where it is not. */
async function kindOf(path: string, { uri, compression }: ModelData): Promise<'file' | 'folder'> {
  const found = await stat(path).catch(() => undefined);
  const isS3 = uri.startsWith('s3://');
  const isObjectOnly = isS3 && compression === 'Gzip';
  if (found?.isFile() && !uri.endsWith('/')) return 'file';
  // S3 knows no empty folders; a folder of the user's may well be one.
  const isFolder = found?.isDirectory() && !isObjectOnly;
  if (isFolder && (!isS3 || (await readdir(path)).length > 0)) return 'folder';
  throw new SmlocalError(
    `There is no model data at ${uri}: ${whyNot(path, found, isObjectOnly)}.`,
    {
      hint: isS3
        ? `Put it there with the AWS CLI, its endpoint set to smlocal's: aws s3 cp model.tar.gz ${uri}`
        : 'Check the path, which must name a .tar.gz file or a folder with the model in it.',
    },
  );
}

function notAnArchive({ uri }: ModelData): SmlocalError {
  return new SmlocalError(`There is no archive at ${uri}: it is a folder.`, {
    hint: 'Name a .tar.gz file: tar -czf model.tar.gz -C FOLDER .',
  });
}

function whyNot(
  path: string,
  found: { isDirectory(): boolean; isFile(): boolean } | undefined,
  isObjectOnly: boolean,
): string {
  if (found?.isDirectory())
    return isObjectOnly ? 'it is a prefix, not one object' : 'no key has this prefix';
  if (found?.isFile()) return `${path} is a file, and the slash at the end names a folder`;
  return found ? `${path} is neither a file nor a folder` : `${path} does not exist`;
}
