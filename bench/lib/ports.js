import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** The wait between two attempts to connect; the error of what is measured by them. */
const ATTEMPT_MS = 2;

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * Connects until something takes the connection.
 * @param {number} port
 * @returns {Promise<number>} when that was, on the clock of `performance.now()`
 */
export async function untilListening(port) {
  for (;;) {
    if (await connects(port)) return performance.now();
    await delay(ATTEMPT_MS);
  }
}

/** @param {number} port @returns {Promise<boolean>} */
function connects(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
