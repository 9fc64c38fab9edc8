import {
  type BigIntStats,
  lstatSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { messageOf, SmlocalError } from '../errors.js';
import { Breather } from './breather.js';
import { identityOf } from './source-file.js';
import type { PackedMember } from './tar-header.js';

/** A member of a package, and the file that it is made of. */
export interface PackInput extends PackedMember {
  /** Absolute path on this machine. */
  readonly path: string;
  /** Changes whenever the file's content may have; empty for what has no content. */
  readonly identity: string;
}

export interface PackFolders {
  /** The model's files, for the root of the archive. */
  readonly model?: string;
  /** The handler's, for `code/`, in place of a `code` folder of the model's. */
  readonly code?: string;
  readonly leftOut: {
    /** Never packed: what is smlocal's own. */
    readonly always: (path: string) => boolean;
    /** Not packed below `code`: byte code, what .gitignore names. */
    readonly code: (path: string, isFolder: boolean) => boolean;
  };
}

export interface PackInputs {
  /** Sorted by name, so that the order in which a disk lists them says nothing. */
  readonly inputs: PackInput[];
  /** Names below `code` that were left out; a folder counts once. */
  readonly leftOut: string[];
}

const CODE = 'code/';

/**
 * Everything that goes into a package. Symbolic links that stay within their folder are packed as such; of others, what
 * they lead to.
 *
 * @throws SmlocalError for what no archive should hold, and for links that lead nowhere
 */
export async function listInputs({ model, code, leftOut }: PackFolders): Promise<PackInputs> {
  const inputs: PackInput[] = [];
  const skipped: string[] = [];
  const take = async (found: Iterable<PackInput>) => {
    const breather = new Breather();
    for (const input of found) {
      inputs.push(input);
      await breather.breathe();
    }
  };
  if (model !== undefined) {
    const isCode = (name: string) => name === 'code' || name.startsWith(CODE);
    await take(
      walk({
        root: realpathSync(model),
        prefix: '',
        skips: (path, name) => leftOut.always(path) || (code !== undefined && isCode(name)),
      }),
    );
  }
  if (code !== undefined) {
    const root = realpathSync(code);
    inputs.push(directory(CODE, root));
    const skips: Skips = (path, name, isFolder) => {
      // The rules know the folder by the name that they were given.
      const asGiven = join(code, relative(root, path));
      const skip = leftOut.always(asGiven) || leftOut.code(asGiven, isFolder);
      if (skip) skipped.push(name);
      return skip;
    };
    await take(walk({ root, prefix: CODE, skips }));
  }
  return { inputs: inputs.sort(byName), leftOut: skipped };
}

type Skips = (path: string, name: string, isFolder: boolean) => boolean;

interface Walk {
  /** Without symbolic links on its way. */
  readonly root: string;
  readonly prefix: string;
  readonly skips: Skips;
}

function* walk(
  from: Walk,
  folder: string = from.root,
  prefix: string = from.prefix,
  above: readonly string[] = [from.root],
): Generator<PackInput> {
  for (const entry of readdirSync(folder)) {
    const path = join(folder, entry);
    const name = `${prefix}${entry}`;
    const { stat, link } = lookAt(path, from.root);
    if (from.skips(path, name, stat.isDirectory())) continue;
    if (link !== undefined) yield symlink(name, path, link);
    else if (stat.isFile()) yield file(name, path, stat);
    else if (stat.isDirectory()) {
      const real = realpathSync(path);
      if (above.includes(real)) throw unpackable(path, 'leads back to a folder that it is in');
      yield directory(`${name}/`, path);
      yield* walk(from, path, `${name}/`, [...above, real]);
    } else throw unpackable(path, 'is neither a file, a folder nor a link');
  }
}

interface Found {
  readonly stat: BigIntStats;
  /** Its target, where it is a symbolic link that stays within the folder. */
  readonly link?: string;
}

function lookAt(path: string, root: string): Found {
  const stat = lstatSync(path, { bigint: true });
  if (!stat.isSymbolicLink()) return { stat };
  try {
    const target = realpathSync(path);
    const link = readlinkSync(path);
    const outside = relative(root, resolve(join(path, '..'), link)).split(sep)[0] === '..';
    const leaves = outside || relative(root, target).split(sep)[0] === '..';
    if (!leaves && !link.startsWith('/')) return { stat, link };
    return { stat: statSync(path, { bigint: true }) };
  } catch (error) {
    throw unpackable(path, `is a symbolic link that leads nowhere (${messageOf(error)})`);
  }
}

function file(name: string, path: string, stat: BigIntStats): PackInput {
  const mode = (stat.mode & 0o100n) === 0n ? 0o644 : 0o755;
  const identity = identityOf({ path, stat });
  return { name, kind: 'file', size: Number(stat.size), mode, linkpath: '', path, identity };
}

function symlink(name: string, path: string, linkpath: string): PackInput {
  return { name, kind: 'symlink', size: 0, mode: 0o777, linkpath, path, identity: '' };
}

function directory(name: string, path: string): PackInput {
  return { name, kind: 'directory', size: 0, mode: 0o755, linkpath: '', path, identity: '' };
}

function unpackable(path: string, reason: string): SmlocalError {
  return new SmlocalError(`${path} ${reason}, so it cannot be packed.`, {
    hint: 'Remove it, or name it in .gitignore where it lies in source_dir.',
  });
}

/** By code units, whatever the language of the machine. */
function byName(a: PackInput, b: PackInput): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
