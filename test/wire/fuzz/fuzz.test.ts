import { connect } from 'node:net';
import { ListModelsCommand } from '@aws-sdk/client-sagemaker';
import { expect, test } from 'vitest';
import { useControlDaemon } from '../../support/control-daemon.js';
import { randomOf, seedOfRun } from '../../support/random.js';
import { connectionBytes } from './raw-requests.js';

const CONNECTIONS = 1_500;
const AT_A_TIME = 8;

/** Whoever has sent all that it has to send, and waits for this long, waits for ever. */
const HANG_MS = 20_000;

const control = useControlDaemon();

interface Exchange {
  readonly statuses: readonly number[];
  readonly hung: boolean;
}

/** Sends bytes on a connection of their own, ends its side, and reads until the server has ended the other. */
function exchange(sent: Buffer): Promise<Exchange> {
  const { port } = new URL(control.url);
  const socket = connect(Number(port), '127.0.0.1');
  const chunks: Buffer[] = [];
  return new Promise((resolve) => {
    const finish = (hung: boolean) => {
      clearTimeout(limit);
      socket.destroy();
      const received = Buffer.concat(chunks).toString('latin1');
      const statuses = [...received.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) =>
        Number(status),
      );
      resolve({ statuses, hung });
    };
    const limit = setTimeout(finish, HANG_MS, true);
    socket.on('data', (chunk) => chunks.push(chunk));
    // A server that has enough of a client resets the connection: that is an answer too.
    socket.on('error', () => finish(false));
    socket.on('close', () => finish(false));
    socket.end(sent);
  });
}

test('Whatever bytes arrive, nothing is answered by 500, hangs or ends the daemon', async () => {
  const seed = seedOfRun();
  const random = randomOf(seed);
  const counts: Record<string, number> = {};
  const faults: string[] = [];
  let left = CONNECTIONS;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      const sent = connectionBytes(random);
      const { statuses, hung } = await exchange(sent);
      for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1;
      if (statuses.length === 0) counts.none = (counts.none ?? 0) + 1;
      if (hung || statuses.some((status) => status >= 500)) {
        const text = sent.toString('latin1').slice(0, 600);
        faults.push(`${hung ? 'hung' : statuses.join(' ')}: ${JSON.stringify(text)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  process.stdout.write(`${CONNECTIONS} connections, seed ${seed}: ${JSON.stringify(counts)}\n`);
  expect(faults.slice(0, 10)).toEqual([]);
  const { Models } = await control.sagemaker.send(new ListModelsCommand({}));
  expect(Models).toBeDefined();
}, 120_000);
