import { readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import ignore from 'ignore';

/** What changes without the code having changed: byte code, editors' own files, caches, version control. */
const ALWAYS = [
  '__pycache__/',
  '*.pyc',
  '*.pyo',
  '.git/',
  '.hg/',
  '.svn/',
  '.ipynb_checkpoints/',
  '.mypy_cache/',
  '.pytest_cache/',
  '.ruff_cache/',
  '.smlocal/',
  // Vim, Emacs, JetBrains and others write these beside the file that is edited.
  '*.sw[a-z]',
  '*~',
  '.#*',
  '#*#',
  '4913',
  '*___jb_tmp___',
  '*___jb_old___',
  '*.tmp',
  '.DS_Store',
];

/**
 * Whether a path below `root` is left out of the watch: by the list above, by the `.gitignore` of the folder, by patterns of
 * config.yml. Patterns are git's.
 */
export function ignoreRules(
  root: string,
  patterns: readonly string[],
): (path: string, isFolder: boolean) => boolean {
  const rules = ignore()
    .add(ALWAYS)
    .add(gitignore(root))
    .add([...patterns]);
  return (path, isFolder) => {
    const below = relative(root, path);
    if (below === '' || below.startsWith('..')) return false;
    // A pattern that ends with a slash is for folders alone.
    return rules.ignores(`${below.split(sep).join('/')}${isFolder ? '/' : ''}`);
  };
}

function gitignore(root: string): string {
  try {
    return readFileSync(join(root, '.gitignore'), 'utf8');
  } catch {
    return '';
  }
}
