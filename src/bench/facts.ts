import { execFile } from 'node:child_process';
import { cpus } from 'node:os';
import { promisify } from 'node:util';
import { VERSION } from '../version.js';

/** Where and with what a run was made: what has to be the same for two of them to be compared. */
export interface Facts {
  readonly smlocal: string;
  readonly node: string;
  readonly cpu: string;
  readonly cpus: number;
  /** Of the working folder's git repository; `+` behind it where files were changed since. */
  readonly commit: string | undefined;
}

const run = promisify(execFile);

/** @param folder whose commit is meant */
export async function factsOf(folder: string): Promise<Facts> {
  const all = cpus();
  return {
    smlocal: VERSION,
    node: process.version,
    cpu: all[0]?.model.trim() ?? 'unknown',
    cpus: all.length,
    commit: await commitOf(folder),
  };
}

/** Undefined without git, or outside a repository. */
async function commitOf(cwd: string): Promise<string | undefined> {
  try {
    const { stdout: commit } = await run('git', ['rev-parse', '--short=12', 'HEAD'], { cwd });
    const { stdout: changed } = await run('git', ['status', '--porcelain', '-uno'], { cwd });
    return `${commit.trim()}${changed.trim() === '' ? '' : '+'}`;
  } catch {
    return undefined;
  }
}
