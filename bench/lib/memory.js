import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * A process's resident memory in MB of 1e6 bytes: VmRSS of /proc where there is one, else what `ps` says. Both are in
 * units of 1024 bytes.
 * @param {number} pid
 */
export function residentMb(pid) {
  return (kibibytes(pid) * 1024) / 1e6;
}

/** @param {number} pid */
function kibibytes(pid) {
  try {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }));
  }
}
