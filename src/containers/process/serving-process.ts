import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Mount } from '../../mount.js';
import type { ExitStatus } from '../engine.js';
import { ProcessOutput } from './process-output.js';
import { PYTHON_FILES } from './python.js';

/** What the launcher is told; see src/python/smlocal_launcher. */
export interface LaunchOrder {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
  /** An empty folder of ours, for what it takes to show the mounts. */
  readonly directory: string;
  /** Where the command starts. */
  readonly workdir: string;
  /** The most that each of its processes may take, in bytes, where the system can hold it to that. */
  readonly memory: number;
}

/** How long the output of a process that has ended is waited for. */
const LAST_WORDS_MS = 1_000;

/** SIGKILL, as a shell counts it. */
const KILLED = 137;

/**
 * A command under the launcher, which ends with all that it has started when it ends, and when this process does: the
 * launcher's standard input is a pipe that we hold.
 */
export class ServingProcess {
  readonly output = new ProcessOutput();
  readonly exited: Promise<ExitStatus>;
  readonly #child: ChildProcess;
  #running = true;

  constructor(launcher: string, order: LaunchOrder) {
    this.#child = spawn(launcher, ['-m', 'smlocal_launcher'], {
      cwd: '/',
      env: { PATH: process.env.PATH, PYTHONPATH: PYTHON_FILES, PYTHONDONTWRITEBYTECODE: '1' },
      stdio: ['pipe', 'pipe', 'pipe'],
      // A group of its own, so that Ctrl-C in our terminal is ours alone to deal with.
      detached: true,
    });
    const { stdin, stdout, stderr } = this.#child;
    if (stdout !== null) this.output.collect('stdout', stdout);
    if (stderr !== null) this.output.collect('stderr', stderr);
    stdin?.on('error', () => {}); // It has ended before it read its order; `exited` tells.
    stdin?.write(`${JSON.stringify(order)}\n`);
    this.exited = this.#waitForExit();
  }

  /** The launcher's; undefined where it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  get running(): boolean {
    return this.#running;
  }

  /** SIGTERM, then SIGKILL after `graceSeconds`; resolves when nothing of it is left. */
  async stop(graceSeconds: number): Promise<void> {
    if (!this.#running) return;
    this.#child.kill('SIGTERM');
    const grace = new AbortController();
    await Promise.race([
      this.exited,
      delay(graceSeconds * 1000, undefined, { signal: grace.signal }).catch(() => {}),
    ]);
    grace.abort();
    await this.kill();
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    // The launcher kills all that is below it when its input ends.
    if (this.#running) this.#child.stdin?.end();
    await this.exited;
  }

  async #waitForExit(): Promise<ExitStatus> {
    const closed = once(this.#child, 'close').catch(() => {});
    const [code] = await Promise.race([once(this.#child, 'exit'), once(this.#child, 'error')]);
    this.#running = false;
    // Its last words are read first; but what it left behind, were it killed, might hold its output open.
    const enough = new AbortController();
    await Promise.race([
      closed,
      delay(LAST_WORDS_MS, undefined, { signal: enough.signal }).catch(() => {}),
    ]);
    enough.abort();
    return { exitCode: typeof code === 'number' ? code : KILLED, outOfMemory: false };
  }
}
