import { createInterface } from 'node:readline/promises';
import { ExitCode, SmlocalError } from '../errors.js';

/**
 * Asks the person at the terminal.
 * @throws SmlocalError (exit code `usage`) where nobody is there to answer
 */
export async function confirm(
  question: string,
  howWithout: string,
  signal: AbortSignal,
): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new SmlocalError(
      'Nothing was done: this has to be confirmed, and there is no terminal.',
      {
        hint: howWithout,
        exitCode: ExitCode.usage,
      },
    );
  }
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  // While a line is read, Ctrl-C comes here and not to the process.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    const answer = await lines.question(`${question} [y/N] `, { signal });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}
