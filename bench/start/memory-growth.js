import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startDaemon } from '../lib/daemon.js';
import { docker } from '../lib/docker.js';
import { residentMb } from '../lib/memory.js';
import { createEndpoint, deleteEndpoint, invoke } from '../lib/sagemaker.js';

const PAYLOAD_BYTES = 25e6;
const INVOCATIONS = 20;
const WARM_UPS = 50;

/** How long the daemon is left alone before its memory is read, before and after alike. */
const SETTLE_SECONDS = 2;

const SAMPLE_MS = 20;

/**
 * `rss_growth_25mb_mb`: resident memory after 20 invocations of 25 MB in and 25 MB out, less that before them. Small
 * invocations come first, so that what the first one loads is not counted; the daemon rests 2 s before either reading.
 * `rss_peak_growth_25mb_mb`: the most that it grew meanwhile, read every 20 ms.
 * @param {import('../lib/cleanup.js').Cleanup} cleanup
 */
export async function measureMemoryGrowth(cleanup) {
  const image = `smlocal-bench-echo:${process.pid}`;
  const removeImage = cleanup.add(() => docker('image', 'rm', '--force', image));
  await docker(
    'build',
    '--quiet',
    '--tag',
    image,
    fileURLToPath(new URL('../echo', import.meta.url)),
  );
  const daemon = await startDaemon(cleanup);
  await createEndpoint(daemon.url, 'echo', { image });
  for (let count = 0; count < WARM_UPS; count += 1)
    await invoke(daemon.url, 'echo', Buffer.from('warm'));
  await delay(SETTLE_SECONDS * 1000);
  const before = residentMb(daemon.pid);
  const peak = await peakWhile(daemon.pid, () => invokeLarge(daemon.url));
  await delay(SETTLE_SECONDS * 1000);
  const after = residentMb(daemon.pid);
  await deleteEndpoint(daemon.url, 'echo');
  await daemon.stop();
  await removeImage();
  return { mb: after - before, peakMb: peak - before, settleSeconds: SETTLE_SECONDS };
}

/** @param {string} url */
async function invokeLarge(url) {
  const payload = Buffer.alloc(PAYLOAD_BYTES, 7);
  for (let count = 0; count < INVOCATIONS; count += 1) {
    const length = await invoke(url, 'echo', payload);
    if (length !== PAYLOAD_BYTES) throw new Error(`the echo was ${length} bytes long`);
  }
}

/** @param {number} pid @param {() => Promise<void>} work */
async function peakWhile(pid, work) {
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, residentMb(pid));
  }, SAMPLE_MS);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return peak;
}
