import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { isRunning, takeLock } from '../../src/daemon/lock.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const compiled = mkdtempSync(join(tmpdir(), 'smlocal-lock-js-'));
let folder: string;
let file: string;
const children: ChildProcess[] = [];

/** Other processes are plain Node's, so they need the module compiled. */
beforeAll(() => {
  const options = ['--outDir', compiled, '--noEmit', 'false', '--rootDir', join(root, 'src')];
  const ran = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/typescript/bin/tsc'),
      ...[
        '--ignoreConfig',
        '--module',
        'nodenext',
        '--target',
        'es2023',
        '--types',
        'node',
        '--skipLibCheck',
      ],
      ...options,
      join(root, 'src/daemon/lock.ts'),
    ],
    { cwd: root, encoding: 'utf8' },
  );
  writeFileSync(join(compiled, 'package.json'), '{"type":"module"}');
  expect(ran.stdout + ran.stderr).toBe('');
}, 60_000);

afterAll(() => rmSync(compiled, { recursive: true, force: true }));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'smlocal-lock-'));
  file = join(folder, 'lock');
});

afterEach(async () => {
  await Promise.all(
    children.splice(0).map(async (child) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.stdin?.end();
      await ended;
    }),
  );
  rmSync(folder, { recursive: true, force: true });
});

/** Another process that tries for the lock. @returns what it says */
async function contend(at = 0): Promise<{ said: string; child: ChildProcess }> {
  const holder = fileURLToPath(new URL('./lock-holder.js', import.meta.url));
  const child = spawn(
    process.execPath,
    [holder, join(compiled, 'daemon/lock.js'), file, String(at)],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  children.push(child);
  const [said] = await once(child.stdout, 'data');
  return { said: String(said).trim(), child };
}

/** Long enough for as many processes to have started. */
const START_MS = 400;

const contendAll = (count: number) => {
  const at = Date.now() + START_MS;
  return Promise.all(Array.from({ length: count }, () => contend(at)));
};

test('Of eight processes at once one gets the lock, and the others are told who has it', async () => {
  const outcomes = await contendAll(8);
  const winner = outcomes.filter(({ said }) => said === 'held');
  expect(winner).toHaveLength(1);
  const others = new Set(outcomes.map(({ said }) => said));
  expect(others).toEqual(
    new Set(['held', `smlocal is running already (process ${winner[0]?.child.pid}).`]),
  );
});

test('Of eight processes that find a dead one’s lock, one takes it over', async () => {
  for (let round = 0; round < 10; round += 1) {
    writeFileSync(file, String(await deadPid()));
    const outcomes = await contendAll(8);
    expect(outcomes.filter(({ said }) => said === 'held')).toHaveLength(1);
    for (const { child } of outcomes) child.kill('SIGKILL');
    await Promise.all(
      outcomes.map(({ child }) => (child.signalCode === null ? once(child, 'exit') : undefined)),
    );
  }
}, 60_000);

test('A lock whose process was killed is taken over', async () => {
  const { child } = await contend();
  expect(() => takeLock(file)).toThrow(`smlocal is running already (process ${child.pid}).`);
  child.kill('SIGKILL');
  await once(child, 'exit');
  takeLock(file)();
});

test.each(['', 'not a number', '-1', '0', '99999999999999999999'])(
  'A lock that holds %j is nobody’s',
  (content) => {
    writeFileSync(file, content);
    takeLock(file);
    expect(readFileSync(file, 'utf8')).toBe(String(process.pid));
  },
);

test('The lock is gone when it is given back, and giving it back twice is harmless', () => {
  const release = takeLock(file);
  release();
  release();
  expect(readdirSync(folder)).toEqual([]);
});

test('Giving it back late does not take it from whoever has it since', async () => {
  const release = takeLock(file);
  release();
  const { said } = await contend();
  expect(said).toBe('held');
  release();
  expect(existsSync(file)).toBe(true);
});

test('Who is held off is told what to type', () => {
  takeLock(file);
  expect(() => takeLock(file)).toThrow(
    expect.objectContaining({ hint: expect.stringContaining('smlocal down') }),
  );
  expect(readdirSync(folder)).toEqual(['lock']);
});

test('A process is known to run, or not', async () => {
  expect(isRunning(process.pid)).toBe(true);
  expect(isRunning(1)).toBe(true);
  expect(isRunning(await deadPid())).toBe(false);
});

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(child, 'exit');
  return Number(child.pid);
}

test.runIf(process.platform === 'linux')(
  'A process that has ended is not running, even where nobody takes note of its end',
  async () => {
    // `sleep` ends as the child of `cat`, which never asks for it; so is a daemon in a container without an init.
    const parent = spawn('sh', ['-c', 'sleep 0.3 & echo $!; exec cat']);
    children.push(parent);
    const [line] = await once(parent.stdout, 'data');
    await vi.waitFor(() => expect(isRunning(Number(line))).toBe(false));
    process.kill(Number(line), 0); // Its number is still taken.
    expect(isRunning(parent.pid ?? 0)).toBe(true);
  },
);
