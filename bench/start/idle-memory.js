import { setTimeout as delay } from 'node:timers/promises';
import { startDaemon } from '../lib/daemon.js';
import { residentMb } from '../lib/memory.js';
import { createEndpoint, deleteEndpoint } from '../lib/sagemaker.js';

/** Long enough for what a start leaves to be collected, and for the engine's connection to fall idle. */
const IDLE_MS = 5_000;

/**
 * `idle_rss_mb`: resident memory of a daemon that has listened for 5 s and was asked nothing.
 * `idle_rss_one_endpoint_mb`: the same daemon 5 s after an endpoint came into service (the watch of its files included).
 * @param {import('../lib/cleanup.js').Cleanup} cleanup
 * @param {{ image: string, modelDataUrl: string }} what
 */
export async function measureIdleMemory(cleanup, what) {
  const daemon = await startDaemon(cleanup);
  await delay(IDLE_MS);
  const mb = residentMb(daemon.pid);
  await createEndpoint(daemon.url, 'idle', what);
  await delay(IDLE_MS);
  const oneEndpointMb = residentMb(daemon.pid);
  await deleteEndpoint(daemon.url, 'idle');
  await daemon.stop();
  return { mb, oneEndpointMb };
}
