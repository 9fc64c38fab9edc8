import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startEndpoint } from '../invoke/servers.js';
import { makeReadyForNginx } from '../lib/bench-tools.js';
import { startDaemon } from '../lib/daemon.js';
import { residentMb } from '../lib/memory.js';
import { hundredths, median } from '../lib/numbers.js';
import { openHandles, processorSeconds } from '../lib/process-figures.js';
import { whenInService } from '../lib/sagemaker.js';
import { wrk } from '../lib/wrk.js';
import { trivialProject } from '../process/project.js';

const WATCHED_FILES = 20_000;
const INVOCATIONS = 1_000_000;
const SETTLE_MS = 5_000;
const IDLE_SECONDS = 20;

/** @typedef {import('../lib/cleanup.js').Cleanup} Cleanup */

/**
 * What the daemon costs while nothing happens, and after much has. README.md says what each key is.
 * @param {{ cleanup: Cleanup, runs: number, invocations?: number, say: (line: string) => void }} bench
 */
export async function runFootprint({ cleanup, runs, invocations = INVOCATIONS, say }) {
  makeReadyForNginx();
  say(`listening: ${runs} runs`);
  const starts = [];
  for (let run = 0; run <= runs; run += 1) {
    const daemon = await startDaemon(cleanup);
    if (run > 0) starts.push(daemon.listenMs);
    await daemon.stop();
  }
  say('idle, with nothing and with 20,000 files watched');
  const bare = await idle(cleanup, undefined);
  const watching = await idle(cleanup, writeManyFiles);
  say(`${invocations} invocations`);
  const used = await afterInvocations(cleanup, invocations);
  const figures = hundredths({
    listen_ms: median(starts),
    idle_rss_mb: bare.rssMb,
    idle_cpu_percent: bare.cpuPercent,
    idle_handles: bare.handles,
    watching_rss_mb: watching.rssMb,
    watching_cpu_percent: watching.cpuPercent,
    watching_handles: watching.handles,
    rss_growth_mb: used.growthMb,
    handles_growth: used.handlesGrowth,
    invocations: used.invocations,
    runs,
  });
  return { figures, goals: { listen_ms: 400, idle_rss_mb: 100 } };
}

/**
 * @param {Cleanup} cleanup
 * @param {((folder: string) => Promise<void>) | undefined} write
 */
async function idle(cleanup, write) {
  const daemon = await startDaemon(cleanup, write);
  if (write !== undefined) await whenInService(daemon.url, 'edited');
  await delay(SETTLE_MS);
  const before = processorSeconds(daemon.pid);
  await delay(IDLE_SECONDS * 1000);
  const figures = {
    cpuPercent: ((processorSeconds(daemon.pid) - before) / IDLE_SECONDS) * 100,
    rssMb: residentMb(daemon.pid),
    handles: openHandles(daemon.pid),
  };
  await daemon.stop();
  return figures;
}

/** @param {string} folder */
async function writeManyFiles(folder) {
  await trivialProject('process', { workers: 1 })(folder);
  for (let index = 0; index < WATCHED_FILES; index += 1) {
    const directory = join(folder, 'src', `package_${index % 200}`);
    if (index < 200) await mkdir(directory);
    await writeFile(join(directory, `module_${index}.py`), `NUMBER = ${index}\n`);
  }
}

/**
 * Memory and handles after many invocations, against those after a few that have loaded what is loaded on first use.
 * @param {Cleanup} cleanup
 * @param {number} wanted
 */
async function afterInvocations(cleanup, wanted) {
  const folder = await mkdtemp(join(tmpdir(), 'smlocal-bench-'));
  cleanup.add(() => rm(folder, { recursive: true, force: true }));
  const body = join(folder, 'body');
  await writeFile(body, Buffer.alloc(2_000, 'a'));
  const daemon = await startEndpoint(cleanup, body);
  const load = (/** @type {number} */ seconds) =>
    wrk(`${daemon.url}/endpoints/echo/invocations`, { body, connections: 32, seconds });
  await load(10);
  await delay(SETTLE_MS);
  const before = { rss: residentMb(daemon.pid), handles: openHandles(daemon.pid) };
  let invocations = 0;
  while (invocations < wanted) invocations += (await load(10)).perSecond * 10;
  await delay(SETTLE_MS);
  const figures = {
    growthMb: residentMb(daemon.pid) - before.rss,
    handlesGrowth: openHandles(daemon.pid) - before.handles,
    invocations: Math.round(invocations),
  };
  await daemon.stop();
  return figures;
}
