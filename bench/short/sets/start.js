import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { startDaemon } from '../../lib/daemon.js';
import { median } from '../../lib/numbers.js';

/** `smlocal up` to its port taking a connection, against a Node that does nothing but what any server must: load and listen. */
export const RATIOS = /** @type {const} */ ({ listen_vs_bare_server: 'less' });

const ROUNDS = 7;

const BARE_SERVER =
  "require('node:http').createServer().listen(0, '127.0.0.1', () => process.exit(0))";

/** @type {import('../ratios.js').RatioSet['measure']} */
export async function measure({ cleanup }) {
  const found = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const from = performance.now();
    await promisify(execFile)(process.execPath, ['-e', BARE_SERVER]);
    const bareMs = performance.now() - from;
    const daemon = await startDaemon(cleanup);
    if (round > 0) found.push(daemon.listenMs / bareMs);
    await daemon.stop();
  }
  return { listen_vs_bare_server: median(found) };
}
