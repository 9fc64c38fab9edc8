import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

it.each([[[]], [['bench']]])(
  'The README quotes the help text of “smlocal %s” as it is',
  (command) => {
    const help = execFileSync(process.execPath, [root('dist/cli.js'), ...command, '--help'], {
      encoding: 'utf8',
    });
    expect(readFileSync(root('README.md'), 'utf8')).toContain(help.trim());
  },
);
