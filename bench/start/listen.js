import { startDaemon } from '../lib/daemon.js';
import { median } from '../lib/numbers.js';

/**
 * `listen_ms`: from the spawn of `smlocal up` to its port taking a connection, with a config.yml that describes nothing.
 * The median of several runs, after one that is not counted (it fills the disk cache).
 * @param {import('../lib/cleanup.js').Cleanup} cleanup
 * @param {number} runs
 */
export async function measureListen(cleanup, runs) {
  const times = [];
  for (let run = 0; run <= runs; run += 1) {
    const daemon = await startDaemon(cleanup);
    if (run > 0) times.push(daemon.listenMs);
    await daemon.stop();
  }
  return { medianMs: median(times) };
}
