import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ROOT } from '../support/fixtures.js';
import { succeed } from '../support/run.js';

/* The keys of `smlocal up`, typed into a pseudo-terminal; the handler is served as a process. */

/** Runs a command in a terminal of its own, which is this program's input and output. */
const IN_TERMINAL =
  'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))';

const HANDLER = `def model_fn(model_dir):
    print("the model is loaded", flush=True)
    return None


def predict_fn(data, model):
    return data
`;

let folder: string;
let up: ChildProcess;
let output = '';

beforeAll(async () => {
  await succeed(`${ROOT}scripts/prepare`, []);
  folder = await mkdtemp(join(tmpdir(), 'smlocal-keys-'));
  await mkdir(join(folder, 'src'));
  await writeFile(join(folder, 'src', 'inference.py'), HANDLER);
  const settings = 'model_name: typed, instance_type: local, image: any, source_dir: src';
  await writeFile(join(folder, 'config.yml'), `environments: { local: { ${settings} } }\n`);
  const command = [process.execPath, `${ROOT}dist/cli.js`, 'up', '--engine', 'process'];
  up = spawn('python3', ['-c', IN_TERMINAL, ...command, '--port', '0'], { cwd: folder });
  up.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  await printed('typed: InService');
  await printed('Keys: r reload, s status');
}, 240_000);
afterAll(async () => {
  if (up.exitCode === null) {
    up.stdin?.write('q');
    await once(up, 'exit');
  }
  await rm(folder, { recursive: true });
});

async function printed(text: string): Promise<void> {
  await vi.waitFor(() => expect(output).toContain(text), 30_000);
}

/** Types a key; what was printed before is forgotten. */
function type(key: string): void {
  output = '';
  up.stdin?.write(key);
}

test('r reloads every endpoint and says how', async () => {
  type('r');
  await printed('typed: reloaded in place in ');
});

test('s prints the status', async () => {
  type('s');
  await printed('InService');
});

test('l prints the logs of the containers, each line with its endpoint', async () => {
  type('l');
  await printed('typed | the model is loaded');
  type('l');
});

test('Any other key says which there are', async () => {
  type('x');
  await printed('Keys: r reload, s status, l logs of the containers on or off, q quit');
});

test('q ends it, with all that it serves', async () => {
  type('q');
  const [code] = await once(up, 'exit');
  expect({ code, output }).toEqual({
    code: 0,
    output: expect.stringContaining('Stopped; no container is left.'),
  });
});
