import { startDaemon } from '../lib/daemon.js';
import { Asking } from '../reload/asking.js';
import { QUESTION, trivialProject } from './project.js';

/**
 * From the spawn of `smlocal up` to the first answer of the endpoint that its config.yml describes.
 * @param {import('../lib/cleanup.js').Cleanup} cleanup
 * @param {number} workers
 * @returns {Promise<number>} milliseconds
 */
export async function firstPrediction(cleanup, workers) {
  const daemon = await startDaemon(cleanup, trivialProject('process', { workers }));
  const asking = new Asking(`${daemon.url}/endpoints/edited/invocations`, QUESTION);
  const answeredAt = await asking.until('"code 0"', { patient: true, pauseMs: 5 });
  asking.close();
  await daemon.stop();
  return answeredAt - daemon.spawnedAt;
}
