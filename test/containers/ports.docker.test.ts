import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { logged, PERL_SERVER } from './contract.js';
import { useDocker } from './docker-fixture.js';

const { engine, run } = useDocker();
/** The engine itself tries ten ports before it gives up. */
const MORE_THAN_THE_ENGINE_TRIES = 14;
const holders: Server[] = [];

afterEach(async () => {
  await Promise.all(holders.splice(0).map((server) => new Promise((done) => server.close(done))));
});

/** Takes a port if it is free; if not, it is taken already, which is as good. */
async function hold(port: number): Promise<void> {
  const server = createServer();
  holders.push(server);
  await new Promise<void>((resolve) => {
    server.once('error', () => resolve()).listen(port, '127.0.0.1', resolve);
  });
}

test('A container starts although other programs hold the ports that the engine chooses next', async () => {
  const first = await run('sleep 60');
  const next = first.address.port + 1;
  const taken = Array.from({ length: MORE_THAN_THE_ENGINE_TRIES }, (_, index) => next + index);
  await Promise.all(taken.map(hold));
  const second = await run(PERL_SERVER);
  await logged(engine, second.id, 'listening');
  expect(taken).not.toContain(second.address.port);
  const answer = await fetch(`http://127.0.0.1:${second.address.port}/ping`);
  expect(answer.status).toBe(200);
});
