import { mkdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { type LockHolder, takeLock } from '../daemon/lock.js';
import type { StateFolder } from '../daemon/state-folder.js';
import { SmlocalError } from '../errors.js';

/**
 * Keeps two deploys of one project apart: they would pack into the same folder, and each would clean up what the other has
 * just made. Every target, for the packages are the same.
 *
 * @returns gives it back; harmless to call twice
 * @throws SmlocalError that says whose deploy runs, and since when
 */
export function lockDeploys(folder: StateFolder, environment: string): () => void {
  const file = join(folder.path, 'deploy', 'lock');
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const note = `to ${environment}, by ${userName()}, since ${new Date().toISOString()}`;
  return takeLock(file, { note, held: deployRuns });
}

function deployRuns(file: string, { pid, note }: LockHolder): SmlocalError {
  return new SmlocalError(`Another deploy of this project is under way: process ${pid}, ${note}.`, {
    hint: `Wait for its end, and type the same again. If process ${pid} is no deploy, delete ${file}.`,
  });
}

/** A container's user may have a number only. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? '?'}`;
  }
}
