// Makes dist/ of src/: its modules and their types, the files beside them that are data, and the command line in as few files
// as can be. Hundreds of small ones take longer to find and read than all that is in them.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, rmSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

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

// What a command loads later is in files of its own beside it; packages stay where they are.
const commandLine = await rolldown({
  input: { cli: at('src/cli.ts') },
  platform: 'node',
  external: (name) => !name.startsWith('.') && !name.startsWith(root),
});
await commandLine.write({ dir: at('dist'), chunkFileNames: 'cli-[name].js' });
chmodSync(at('dist/cli.js'), 0o755);
