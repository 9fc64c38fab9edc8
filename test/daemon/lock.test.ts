import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { isRunning, takeLock } from '../../src/daemon/lock.js';

const folder = mkdtempSync(join(tmpdir(), 'smlocal-lock-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('A lock that is held is refused with who holds it, and is free when it was given back', () => {
  const file = join(folder, 'held');
  const unlock = takeLock(file);
  expect(() => takeLock(file)).toThrow(`smlocal is running already (process ${process.pid}).`);
  unlock();
  unlock();
  takeLock(file)();
});

test.runIf(process.platform === 'linux')(
  'A process that has ended is not running, even where nobody takes note of its end',
  async () => {
    // `true` ends as the child of `sleep`, which never asks for it; so is a daemon in a container without an init.
    const parent = spawn('sh', ['-c', 'true & echo $!; exec sleep 60']);
    try {
      const [line] = await once(parent.stdout, 'data');
      await vi.waitFor(() => expect(isRunning(Number(line))).toBe(false));
      process.kill(Number(line), 0); // Its number is still taken.
      expect(isRunning(parent.pid ?? 0)).toBe(true);
    } finally {
      parent.kill();
    }
  },
);
