import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEngineClient } from '../../src/containers/engine-client.js';
import { ExitCode } from '../../src/errors.js';

/** Takes connections and says nothing, as an engine does that hangs. */
let silent: Server;
const folder = mkdtempSync(join(tmpdir(), 'smlocal-silent-'));
const url = `unix://${join(folder, 'engine.sock')}`;
const sockets = new Set<Socket>();

beforeAll(async () => {
  silent = createServer((socket) => sockets.add(socket)).listen(join(folder, 'engine.sock'));
  await once(silent, 'listening');
});

afterAll(() => {
  silent.close();
  for (const socket of sockets) socket.destroy();
  rmSync(folder, { recursive: true });
});

test('An engine that takes a question and never answers counts as one that is not there', async () => {
  const engine = createEngineClient(url);
  await expect(engine.ask((docker) => docker.listContainers(), 50)).rejects.toMatchObject({
    message: `The Docker engine at ${url} does not answer.`,
    exitCode: ExitCode.noEngine,
  });
});
