import { entryError, outsideError } from './archive-error.js';

export type TreeNode =
  | { readonly kind: 'file' }
  | { readonly kind: 'directory'; mode: number }
  | { readonly kind: 'symlink'; readonly name: string; readonly target: string };

const MAX_LINKS_FOLLOWED = 40;
const PATH_MAX = 4096;

/**
 * What an archive has put where so far, by path below the model's folder (`''` is the folder itself). It decides every
 * question of "may this entry be here"; no symbolic link is on the disk before all of them are known to stay inside.
 */
export class EntryTree {
  readonly #nodes = new Map<string, TreeNode>([['', { kind: 'directory', mode: 0o755 }]]);

  constructor(private readonly maxNodes: number) {}

  get(path: string): TreeNode | undefined {
    return this.#nodes.get(path);
  }

  set(path: string, node: TreeNode, name: string): void {
    this.#nodes.set(path, node);
    if (this.#nodes.size - 1 > this.maxNodes) {
      throw entryError(name, `takes the archive over the limit of ${this.maxNodes} entries`);
    }
  }

  /** The directories above `path` that are not there yet, outermost first. */
  missingParents(path: string, name: string): string[] {
    const missing: string[] = [];
    for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      const parent = path.slice(0, slash);
      const node = this.#nodes.get(parent);
      if (node === undefined) missing.push(parent);
      else if (node.kind === 'file')
        throw entryError(name, `needs the file "${parent}" to be a directory`);
      else if (node.kind === 'symlink')
        throw entryError(name, `would be written through the symbolic link "${parent}"`);
    }
    return missing;
  }

  *symlinks(): Generator<[string, TreeNode & { kind: 'symlink' }]> {
    for (const [path, node] of this.#nodes) if (node.kind === 'symlink') yield [path, node];
  }

  *directories(): Generator<[string, TreeNode & { kind: 'directory' }]> {
    for (const [path, node] of this.#nodes) if (node.kind === 'directory') yield [path, node];
  }

  /** @throws ArchiveError where following the link, and any link on its way, leaves the folder. */
  checkSymlink(path: string, { name, target }: TreeNode & { kind: 'symlink' }): void {
    const at = path.split('/').slice(0, -1);
    const ahead = partsOf(target, name);
    let followed = 0;
    for (let part = ahead.pop(); part !== undefined; part = ahead.pop()) {
      if (part === '' || part === '.') continue;
      if (part === '..') {
        if (at.pop() === undefined) throw outsideError(name, target);
        continue;
      }
      at.push(part);
      const node = this.#nodes.get(at.join('/'));
      if (node?.kind !== 'symlink') continue;
      followed += 1;
      if (followed > MAX_LINKS_FOLLOWED)
        throw entryError(name, 'is a symbolic link that goes round in a circle');
      at.pop();
      ahead.push(...partsOf(node.target, name));
    }
  }
}

/** The path below the model's folder that an entry's name stands for; `''` for the folder itself. */
export function pathOfEntry(name: string): string {
  if (name.split('/').includes('..')) throw entryError(name, 'leaves the model\'s folder by ".."');
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  // Archives that the SageMaker Python SDK repacks hold a directory "/", which is the folder itself.
  if (parts.length > 0 && name.startsWith('/')) throw entryError(name, 'has an absolute path');
  const path = parts.join('/');
  if (Buffer.byteLength(path) >= PATH_MAX)
    throw entryError(`${name.slice(0, 80)}…`, 'has a path that is too long');
  return path;
}

/** The parts of a link's target, last first, so that the next one is popped. */
function partsOf(target: string, name: string): string[] {
  if (target === '') throw entryError(name, 'is a link to nothing');
  if (Buffer.byteLength(target) >= PATH_MAX)
    throw entryError(name, 'has a target that is too long');
  if (target.startsWith('/')) throw outsideError(name, target);
  return target.split('/').reverse();
}
