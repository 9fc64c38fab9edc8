import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { SmlocalError } from '../errors.js';

/** Who has a lock. */
export interface LockHolder {
  readonly pid: number | undefined;
  /** What it said of itself when it took it. */
  readonly note: string;
}

export interface LockWords {
  /** What to tell whoever is kept out. */
  readonly note: string;
  /** The error for whoever is kept out. */
  readonly held: (file: string, holder: LockHolder) => SmlocalError;
}

const DAEMON: LockWords = { note: '', held: daemonRuns };

/**
 * Takes a lock for this process, a state folder's own where nothing else is said. A lock whose process is gone is taken over,
 * so that a killed process holds nobody up.
 *
 * @returns gives the lock back; harmless to call twice
 * @throws SmlocalError where another process holds it
 */
export function takeLock(file: string, { note, held }: LockWords = DAEMON): () => void {
  // Written first and linked then: the lock appears whole, and only one of two processes can make the link.
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, note === '' ? String(process.pid) : `${process.pid}\n${note}`);
  try {
    if (!tryLink(mine, file)) takeOver(mine, file, held);
  } finally {
    rmSync(mine, { force: true });
  }
  return () => release(file);
}

/**
 * Only one process at a time may look whether the holder is gone and take its lock away: of two that had both looked, the
 * second would take away the lock of the first.
 */
function takeOver(mine: string, file: string, held: LockWords['held']): void {
  refuseWhileHeld(file, held);
  const claim = `${file}.takeover`;
  if (!tryLink(mine, claim)) {
    refuseWhileHeld(claim, held);
    rmSync(claim, { force: true }); // Whoever took it over was killed as it did.
    if (!tryLink(mine, claim)) throw held(file, holderOf(claim));
  }
  try {
    refuseWhileHeld(file, held);
    rmSync(file, { force: true });
    if (!tryLink(mine, file)) throw held(file, holderOf(file));
  } finally {
    rmSync(claim, { force: true });
  }
}

function refuseWhileHeld(file: string, held: LockWords['held']): void {
  const holder = holderOf(file);
  if (holder.pid !== undefined && isRunning(holder.pid)) throw held(file, holder);
}

/** The process that a lock names; none where it has just been given back. */
function holderOf(file: string): LockHolder {
  try {
    const [pid, ...note] = readFileSync(file, 'utf8').split('\n');
    return { pid: Number(pid), note: note.join('\n') };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { pid: undefined, note: '' };
    throw error;
  }
}

function release(file: string): void {
  try {
    if (holderOf(file).pid === process.pid) rmSync(file, { force: true });
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

function daemonRuns(file: string, { pid }: LockHolder): SmlocalError {
  return new SmlocalError(`smlocal is running already (process ${pid}).`, {
    hint: `Type "smlocal status" to see it, "smlocal down" to stop it. If process ${pid} is not smlocal, delete ${file}.`,
  });
}
