import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ROOT } from '../support/fixtures.js';
import { run } from '../support/run.js';

test('Without Docker the quickstart serves a handler as a process, predicts, and leaves nothing running', {
  timeout: 120_000,
}, async () => {
  const { code, stdout, stderr } = await run(`${ROOT}scripts/quickstart`, [], {
    env: { ...process.env, DOCKER_HOST: 'unix:///nowhere/docker.sock', PORT: '0' },
  });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stdout).toContain('No Docker engine answers');
  expect(stdout).toMatch(/Wimbledon[\s\S]*Sports +\d+\.\d %[\s\S]*World +\d+\.\d %/);
  expect(existsSync(`${ROOT}fixtures/plain-classifier/.smlocal/daemon.json`)).toBe(false);
});
