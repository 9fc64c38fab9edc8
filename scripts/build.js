// Compiles src/ to dist/ and copies the files beside the sources that are data, not TypeScript.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, rmSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => join(root, ...parts);
const DATA = new Set(['', '.json', '.py', '.html', '.css', '.conf']);

rmSync(at('dist'), { recursive: true, force: true });
execFileSync(
  process.execPath,
  [at('node_modules/typescript/bin/tsc'), '-p', at('tsconfig.build.json')],
  {
    stdio: 'inherit',
  },
);
cpSync(at('src'), at('dist'), { recursive: true, filter: (source) => DATA.has(extname(source)) });
chmodSync(at('dist/cli.js'), 0o755);
