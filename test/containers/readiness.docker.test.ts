import { expect, test } from 'vitest';
import { waitUntilReady } from '../../src/containers/readiness.js';
import { collect, useDocker } from './docker-fixture.js';
import { PERL_SERVER } from './test-image.js';

const { engine, run } = useDocker();

test('A container that loads for a while is noticed within 50 ms of listening', async () => {
  const { id, address } = await run(`sleep 1; ${PERL_SERVER}`);
  const exited = engine.waitForExit(id);
  const result = await waitUntilReady(address, { timeoutMs: 20_000, exited });
  const noticed = Date.now();
  expect(result).toEqual({ ready: true });
  const listening = (await collect(engine.logs(id))).find(({ text }) => text === 'listening');
  expect(noticed - (listening?.timestamp ?? 0)).toBeLessThanOrEqual(50);
});

test('A container that crashes while it loads ends the waiting with its exit code', async () => {
  const { id, address } = await run('sleep 0.2; exit 3');
  const exited = engine.waitForExit(id);
  expect(await waitUntilReady(address, { timeoutMs: 20_000, exited })).toEqual({
    ready: false,
    cause: 'exited',
    status: { exitCode: 3, outOfMemory: false },
  });
});

test('A container that never listens ends in a time-out', async () => {
  const { id, address } = await run('sleep 60');
  const exited = engine.waitForExit(id);
  expect(await waitUntilReady(address, { timeoutMs: 300, exited })).toMatchObject({
    ready: false,
    cause: 'timed-out',
    lastAnswer: expect.stringMatching(/^the connection was/),
  });
});
