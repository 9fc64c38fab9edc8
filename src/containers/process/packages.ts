import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SmlocalError } from '../../errors.js';
import { SharedWork } from '../../shared-work.js';
import type { Python } from './python.js';

const run = promisify(execFile);

/** Written last, so that an environment which is being made when we are killed is made anew. */
const READY = 'smlocal-ready';

/** pip is talkative. */
const OUTPUT = { maxBuffer: 64 * 1024 * 1024 };

/** How much of what pip said is quoted. */
const QUOTED_LINES = 5;

/**
 * Virtual environments for handlers with a requirements.txt, one for each content of it, kept. They see the packages of the
 * Python that they are made of, as a container's pip adds to those of its image.
 */
export class Packages {
  readonly #folder: string;
  readonly #work = new SharedWork<void>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * @returns a Python that has what the file asks for; the given one where there is no such file
   * @throws SmlocalError with pip's last words
   */
  async pythonFor(python: Python, file: string | undefined, signal?: AbortSignal): Promise<Python> {
    const wanted =
      file === undefined ? undefined : await readFile(file, 'utf8').catch(() => undefined);
    if (file === undefined || wanted === undefined || !/^\s*[^#\s]/m.test(wanted)) return python;
    const digest = createHash('sha256').update(
      `${python.executable}\n${python.version}\n${wanted}`,
    );
    const environment = join(this.#folder, digest.digest('hex').slice(0, 32));
    if (!existsSync(join(environment, READY))) {
      await this.#work.run(environment, { signal }, (aborted) =>
        makeEnvironment(python, environment, file, aborted),
      );
    }
    return { ...python, executable: join(environment, 'bin', 'python') };
  }
}

async function makeEnvironment(
  python: Python,
  environment: string,
  requirements: string,
  signal: AbortSignal,
): Promise<void> {
  await rm(environment, { recursive: true, force: true });
  try {
    // The outer Python's pip is seen from within; a copy of its own would take seconds.
    const make = ['-m', 'venv', '--without-pip', '--system-site-packages'];
    await run(python.executable, [...make, environment], { signal });
    const inside = join(environment, 'bin', 'python');
    await showPackagesOf(python, inside, signal);
    const install = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input'];
    await run(inside, [...install, '-r', requirements], { ...OUTPUT, signal });
    await writeFile(join(environment, READY), '');
  } catch (error) {
    signal.throwIfAborted();
    throw new SmlocalError(
      `The packages of ${requirements} cannot be installed: ${lastWords(error)}`,
      {
        hint: `Mend the file, or see what pip says: ${python.executable} -m pip install -r ${requirements}`,
        cause: error,
      },
    );
  }
}

/** An environment made from within another sees the system's packages, not that one's, unless it is told. */
async function showPackagesOf(python: Python, inside: string, signal: AbortSignal): Promise<void> {
  const where = 'import sysconfig; print(sysconfig.get_path("purelib"))';
  const [outer, inner] = await Promise.all(
    [python.executable, inside].map((executable) => run(executable, ['-c', where], { signal })),
  );
  if (outer === undefined || inner === undefined) return;
  await writeFile(join(inner.stdout.trim(), 'smlocal-outer.pth'), outer.stdout);
}

function lastWords(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  const lines = (stderr || message).trim().split('\n');
  return lines.slice(-QUOTED_LINES).join('\n');
}
