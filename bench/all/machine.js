import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PYTHON = fileURLToPath(new URL('../../.cache/python-clients/bin/python', import.meta.url));

/** What the figures were measured on and by; what is not there is said to be missing. @returns {Record<string, string>} */
export function machineOf() {
  return {
    processors: `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    memory: `${Math.round(totalmem() / 1e9)} GB`,
    kernel: `${process.platform} ${release()}`,
    node: process.version,
    nginx: said('nginx', ['-v'], /nginx\/(\S+)/),
    wrk: said('wrk', ['-v'], /wrk (?:debian\/)?(\S+)/),
    moto: said(PYTHON, ['-c', 'import moto; print(moto.__version__)'], /(\S+)/),
    docker: said('docker', ['version', '--format', '{{.Server.Version}}'], /(\S+)/),
  };
}

/** The commit that is checked out, and whether that is all. */
export function commitOf() {
  const commit = said('git', ['-C', ROOT, 'rev-parse', '--short', 'HEAD'], /(\S+)/);
  // But for the document itself, which is being written.
  const others = [':!docs/performance.md'];
  const changed = said('git', ['-C', ROOT, 'status', '--porcelain', '.', ...others], /(\S)/);
  return changed === MISSING ? commit : `${commit}, with changes that are not committed`;
}

const MISSING = '–';

/**
 * What a program says of itself; nginx and wrk do so on standard error, and wrk fails then.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {RegExp} pattern its first group is what is wanted
 */
function said(program, args, pattern) {
  const env = { ...process.env, PATH: [process.env.PATH, '/usr/sbin'].join(delimiter) };
  try {
    const all = execFileSync('sh', ['-c', '"$0" "$@" 2>&1 || true', program, ...args], { env });
    return pattern.exec(all.toString('utf8'))?.[1] ?? MISSING;
  } catch {
    return MISSING;
  }
}
