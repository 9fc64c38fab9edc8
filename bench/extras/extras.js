import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEndpoint } from '../invoke/servers.js';
import { makeReadyForNginx } from '../lib/bench-tools.js';
import { hundredths, median } from '../lib/numbers.js';
import { processorSeconds } from '../lib/process-figures.js';
import { wrk } from '../lib/wrk.js';
import { CAPTURE, countCaptured, makeBucket } from './captured.js';

const CONNECTIONS = 32;
const SECONDS = 2;
const WITHOUT_METRICS = fileURLToPath(new URL('./without-metrics.js', import.meta.url));

/** Each daemon and what it is held against: the one has what the other has not. */
const COMPARED = {
  metrics: ['plain', 'uncounted'],
  data_capture: ['captured', 'plain'],
  request_log: ['logged', 'printing'],
};

/** @typedef {{ perSecond: number, cpuUs: number, requests: number }} Measured */

/**
 * What the things that come with every invocation cost of its throughput. README.md says what each key is.
 * @param {{ cleanup: import('../lib/cleanup.js').Cleanup, runs: number, say: (line: string) => void }} bench
 */
export async function runExtras({ cleanup, runs, say }) {
  makeReadyForNginx();
  const folder = await mkdtemp(join(tmpdir(), 'smlocal-bench-'));
  cleanup.add(() => rm(folder, { recursive: true, force: true }));
  const body = join(folder, 'body');
  await writeFile(body, Buffer.alloc(2_000, 'a'));
  const daemons = {
    plain: await startEndpoint(cleanup, body),
    uncounted: await startEndpoint(cleanup, body, { program: WITHOUT_METRICS }),
    captured: await startEndpoint(cleanup, body, { settings: [CAPTURE] }),
    logged: await startEndpoint(cleanup, body, { prints: 'kept' }),
    printing: await startEndpoint(cleanup, body, { prints: 'dropped' }),
  };
  await makeBucket(daemons.captured);
  say(`with and without metrics, data capture and a log of requests: ${runs} runs`);
  /** @type {Record<string, Measured[]>} */
  const found = Object.fromEntries(Object.keys(daemons).map((name) => [name, []]));
  let asked = 0;
  for (let run = 0; run <= runs; run += 1) {
    for (const [name, daemon] of Object.entries(daemons)) {
      const measured = await measure(daemon, body);
      if (name === 'captured') asked += measured.requests;
      if (run > 0) found[name].push(measured);
    }
  }
  const captured = await countCaptured(daemons.captured);
  for (const daemon of Object.values(daemons)) await daemon.stop();
  const costs = Object.entries(COMPARED).flatMap(([key, [on, off]]) =>
    costsOf(key, found[on], found[off]),
  );
  const goals = Object.fromEntries(Object.keys(COMPARED).map((key) => [`${key}_cost_percent`, 5]));
  const perSecond = median(found.plain.map((one) => one.perSecond));
  const figures = hundredths({
    ...Object.fromEntries(costs),
    // Those that were on their way when the time was over are captured, too.
    data_capture_captured_percent: Math.min(100, (captured / asked) * 100),
    per_second: perSecond,
    runs,
  });
  return { figures, goals };
}

/** @param {{ url: string, pid: number }} daemon @param {string} body @returns {Promise<Measured>} */
async function measure({ url, pid }, body) {
  const before = processorSeconds(pid);
  const { perSecond, requests } = await wrk(`${url}/endpoints/echo/invocations`, {
    body,
    connections: CONNECTIONS,
    seconds: SECONDS,
  });
  return { perSecond, requests, cpuUs: ((processorSeconds(pid) - before) * 1e6) / requests };
}

/**
 * The medians of the differences within each round, so that a machine that changes its pace is no difference.
 * @param {string} key
 * @param {readonly Measured[]} on
 * @param {readonly Measured[]} off
 */
function costsOf(key, on, off) {
  const shares = on.map((one, run) => 1 - one.perSecond / off[run].perSecond);
  const times = on.map((one, run) => one.cpuUs - off[run].cpuUs);
  return /** @type {const} */ ([
    [`${key}_cost_percent`, median(shares) * 100],
    [`${key}_processor_us`, median(times)],
  ]);
}
