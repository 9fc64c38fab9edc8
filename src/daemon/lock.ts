import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { SmlocalError } from '../errors.js';

/**
 * Takes the lock of a state folder for this process. A lock whose process is gone is taken over, so that a killed daemon
 * holds nobody up.
 *
 * @returns gives the lock back; harmless to call twice
 * @throws SmlocalError where another process holds it
 */
export function takeLock(file: string): () => void {
  // Written first and linked then: the lock appears whole, and only one of two processes can make the link.
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    if (!tryLink(mine, file)) {
      const holder = Number(readFileSync(file, 'utf8'));
      if (isRunning(holder)) throw held(file, holder);
      rmSync(file, { force: true });
      if (!tryLink(mine, file)) throw held(file, Number(readFileSync(file, 'utf8')));
    }
  } finally {
    rmSync(mine, { force: true });
  }
  return () => release(file);
}

function release(file: string): void {
  try {
    if (Number(readFileSync(file, 'utf8')) === process.pid) rmSync(file, { force: true });
  } catch {
    // It is gone already: the folder was removed, or the lock given back before.
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Is there a process of this number? One of another user's counts; one that has ended counts no more. */
export function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return !isZombie(pid);
}

/** In a container whose first process is no init, the number of a daemon that has ended stays taken for good. */
function isZombie(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.charAt(stat.lastIndexOf(')') + 2) === 'Z';
  } catch {
    return false; // Not Linux; there, launchd is the first process, and an init.
  }
}

function held(file: string, pid: number): SmlocalError {
  return new SmlocalError(`smlocal is running already (process ${pid}).`, {
    hint: `Type "smlocal status" to see it, "smlocal down" to stop it. If process ${pid} is not smlocal, delete ${file}.`,
  });
}
