import { round } from '../lib/numbers.js';
import { checkReady } from '../lib/ready.js';
import { measureIdleMemory } from './idle-memory.js';
import { measureInService } from './in-service.js';
import { measureListen } from './listen.js';
import { measureMemoryGrowth } from './memory-growth.js';

/** The most that each figure may be. */
const GOALS = {
  listen_ms: 400,
  idle_rss_mb: 100,
  inservice_over_bare_ms: 200,
  rss_growth_25mb_mb: 20,
};

/** What a user of the document's project serves. */
const PYTORCH = { image: 'smlocal/pytorch-inference', modelDataUrl: fixture('text-classifier') };

/** A bring-your-own container, quick to start: it shows smlocal's own time with less noise. */
const FLASK = { image: 'smlocal/flask-app', modelDataUrl: fixture('entity-tagger') };

/** @param {string} name */
function fixture(name) {
  return new URL(`../../fixtures/${name}/build/model.tar.gz`, import.meta.url).href;
}

/**
 * What a user waits for and pays for while nothing happens. README.md says what each key is.
 * @param {{ cleanup: import('../lib/cleanup.js').Cleanup, runs: number, say: (line: string) => void }} bench
 */
export async function runStart({ cleanup, runs, say }) {
  await checkReady([PYTORCH.image, FLASK.image], ['text-classifier', 'entity-tagger']);
  say(`listening: ${runs} runs`);
  const listen = await measureListen(cleanup, runs);
  say('idle memory');
  const idle = await measureIdleMemory(cleanup, FLASK);
  say(`to InService, against a bare docker run: ${PYTORCH.image}, ${runs} runs`);
  const pytorch = await measureInService(cleanup, PYTORCH, runs, say);
  say(`to InService, against a bare docker run: ${FLASK.image}, ${runs} runs`);
  const flask = await measureInService(cleanup, FLASK, runs, say);
  say('memory growth');
  const growth = await measureMemoryGrowth(cleanup);
  const figures = {
    listen_ms: listen.medianMs,
    idle_rss_mb: idle.mb,
    idle_rss_one_endpoint_mb: idle.oneEndpointMb,
    inservice_over_bare_ms: pytorch.overMs,
    inservice_over_bare_paired_ms: pytorch.pairedMs,
    inservice_ms: pytorch.inServiceMs,
    bare_ms: pytorch.bareMs,
    inservice_over_bare_flask_ms: flask.overMs,
    inservice_flask_ms: flask.inServiceMs,
    bare_flask_ms: flask.bareMs,
    rss_growth_25mb_mb: growth.mb,
    rss_peak_growth_25mb_mb: growth.peakMb,
    rss_growth_settle_s: growth.settleSeconds,
    runs,
  };
  const rounded = Object.fromEntries(
    Object.entries(figures).map(([key, value]) => [key, round(value)]),
  );
  return { figures: rounded, goals: GOALS };
}
