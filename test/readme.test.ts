import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

it('The README quotes the help text as it is', () => {
  const help = execFileSync(process.execPath, [root('dist/cli.js'), '--help'], {
    encoding: 'utf8',
  });
  expect(readFileSync(root('README.md'), 'utf8')).toContain(help.trim());
});
