import { type ChildProcess, spawn } from 'node:child_process';

/** A program that runs until it is told to stop. */
export class Foreground {
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  readonly #child: ChildProcess;
  #output = '';

  constructor(
    file: string,
    args: readonly string[],
    options: { cwd: string; env: NodeJS.ProcessEnv },
  ) {
    const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    const keep = (chunk: Buffer) => {
      this.#output += chunk.toString();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What it has printed so far. */
  get output(): string {
    return this.#output;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves when it has printed this. @throws where it ends before, or takes longer than a minute */
  async printed(text: string): Promise<void> {
    const deadline = Date.now() + 60_000;
    while (!this.#output.includes(text)) {
      const ended = this.#child.exitCode !== null || this.#child.signalCode !== null;
      if (ended || Date.now() > deadline)
        throw new Error(
          `It ${ended ? 'ended' : 'goes on'} without printing ${text}:\n${this.#output}`,
        );
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
