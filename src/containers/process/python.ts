import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ExitCode, SmlocalError } from '../../errors.js';
import { shipped } from '../../shipped.js';

const run = promisify(execFile);

/** The Python files that come with smlocal. */
export const PYTHON_FILES = shipped('python');

/** The oldest that the serving host and the reload agent run on. */
const OLDEST = [3, 8] as const;

const TELL = 'import sys; print(sys.version.split()[0]); print(sys.executable)';

export interface Python {
  /** Its interpreter, absolute. */
  readonly executable: string;
  /** For example `3.11.2`. */
  readonly version: string;
}

/**
 * The Python that serves handlers.
 *
 * @param wanted an interpreter, or the folder of a virtual environment; else the active one (`VIRTUAL_ENV`), else the first
 *   `python3` on PATH
 * @throws SmlocalError (exit code `noEngine`) where there is none, or it is too old
 */
export async function findPython(
  wanted: string | undefined,
  signal?: AbortSignal,
): Promise<Python> {
  const command = interpreterOf(wanted ?? process.env.VIRTUAL_ENV) ?? 'python3';
  let version = '';
  let executable = '';
  try {
    const { stdout } = await run(command, ['-c', TELL], { signal });
    [version = '', executable = ''] = stdout.trim().split('\n');
  } catch (error) {
    signal?.throwIfAborted();
    throw new SmlocalError(`No Python answers as ${command}.`, {
      hint: 'Install Python 3.8 or newer, or name one: `python:` of config.yml takes an interpreter or the folder of a virtual environment.',
      exitCode: ExitCode.noEngine,
      cause: error,
    });
  }
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    throw new SmlocalError(
      `${executable} is Python ${version}, and 3.8 is the oldest that serves handlers.`,
      {
        hint: 'Name a newer one by `python:` in config.yml.',
        exitCode: ExitCode.noEngine,
      },
    );
  }
  return { executable, version };
}

function interpreterOf(place: string | undefined): string | undefined {
  if (place === undefined) return undefined;
  const inside = join(place, 'bin', 'python');
  return existsSync(inside) ? inside : place;
}
