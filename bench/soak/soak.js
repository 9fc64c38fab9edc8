import { setTimeout as delay } from 'node:timers/promises';
import { residentMb } from '../lib/memory.js';
import { hundredths } from '../lib/numbers.js';
import { openHandles } from '../lib/process-figures.js';
import { descendants, stillThere } from '../lib/process-tree.js';
import { closeConnections } from '../lib/sagemaker.js';
import { Project } from '../reload/reloads.js';
import { makeEndpoints, SoakLoad } from './load.js';
import { question, writeSoakProject } from './project.js';

/** Before memory is read: keep-alive connections have ended, what can be collected has mostly been. */
const SETTLE_MS = 8_000;

/** What is loaded and compiled on first use counts as no growth: a quarter of the time, two minutes at most. */
const warmUpSeconds = (/** @type {number} */ minutes) => Math.min(120, minutes * 15);

/**
 * Mixed load with reloads and updates; at its end nothing has grown, and nothing failed. README.md says what each key is.
 * @param {{ cleanup: import('../lib/cleanup.js').Cleanup, minutes: number, say: (line: string) => void }} bench
 */
export async function runSoak({ cleanup, minutes, say }) {
  const body = question(3, 10).body;
  const project = await Project.start(cleanup, { write: writeSoakProject, body });
  const load = new SoakLoad(project, await makeEndpoints(project.url), say);
  const warmUp = warmUpSeconds(minutes);
  say(`mixed load: ${warmUp} s to warm up`);
  await load.run(warmUp);
  const before = await readings(project.pid);
  const rest = minutes * 60 - warmUp;
  say(`mixed load: ${rest} s, after ${JSON.stringify(before)}`);
  for (let left = rest; left > 0; left -= 60) {
    await load.run(Math.min(60, left));
    say(`  ${JSON.stringify(load.counts)}, errors: ${load.errors}, ${residentMb(project.pid)} MB`);
  }
  const after = await readings(project.pid);
  const started = descendants(project.pid);
  await project.stop();
  const figures = hundredths({
    errors: load.errors,
    leftover_processes: stillThere(started).length,
    processes_growth: after.processes - before.processes,
    handles_growth: after.handles - before.handles,
    rss_growth_mb: after.rssMb - before.rssMb,
    rss_mb: after.rssMb,
    ...load.counts,
    minutes,
  });
  return { figures, goals: GOALS };
}

/** Handles: a file or a connection may just be open at one reading and not at the other. */
const GOALS = {
  errors: 0,
  leftover_processes: 0,
  processes_growth: 0,
  handles_growth: 3,
  rss_growth_mb: 30,
};

/** @param {number} pid */
async function readings(pid) {
  closeConnections();
  await delay(SETTLE_MS);
  return {
    rssMb: residentMb(pid),
    handles: openHandles(pid),
    processes: descendants(pid).length,
  };
}
