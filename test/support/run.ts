import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

export interface Ran {
  /** The exit code, or the signal that ended it. */
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Standard input; empty where absent. */
  readonly input?: string | Buffer;
  /** After this the program is killed, so that a test that hangs says which. */
  readonly timeoutMs?: number;
}

/** Runs a program to its end, whatever its exit code. */
export async function run(
  file: string,
  args: readonly string[],
  { cwd, env, input = '', timeoutMs = 100_000 }: RunOptions = {},
): Promise<Ran> {
  const child = spawn(file, args, { cwd, env, timeout: timeoutMs, killSignal: 'SIGKILL' });
  const ended = new Promise<number | string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  child.stdin.on('error', () => undefined); // It need not read what it is given.
  child.stdin.end(input);
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}

/** As {@link run}, for what must succeed. @returns standard output */
export async function succeed(
  file: string,
  args: readonly string[],
  options?: RunOptions,
): Promise<string> {
  const { code, stdout, stderr } = await run(file, args, options);
  if (code !== 0)
    throw new Error(`${file} ${args.join(' ')} ended with ${code}:\n${stderr}${stdout}`);
  return stdout;
}
