import { startDaemon } from '../lib/daemon.js';
import { runArgumentsOf } from '../lib/docker.js';
import { median } from '../lib/numbers.js';
import { createEndpoint, deleteEndpoint } from '../lib/sagemaker.js';
import { bareRun } from './bare-run.js';

/**
 * `inservice_over_bare_ms`: CreateEndpoint to `InService`, less a bare `docker run` of the same image with the same
 * mounts and environment to its first good /ping. Medians of runs in turn, each going first every other time, so that a
 * machine that grows slower or faster favours neither. The archive is in the cache: a run that is not counted put it there.
 * @param {import('../lib/cleanup.js').Cleanup} cleanup
 * @param {{ image: string, modelDataUrl: string }} what
 * @param {number} runs
 * @param {(line: string) => void} say
 */
export async function measureInService(cleanup, what, runs, say) {
  const daemon = await startDaemon(cleanup);
  await createEndpoint(daemon.url, 'warm-up', what);
  const runArguments = await runArgumentsOf('warm-up');
  await deleteEndpoint(daemon.url, 'warm-up');
  /** @type {Record<'served' | 'bare', number[]>} */
  const times = { served: [], bare: [] };
  const measure = {
    bare: () => bareRun(cleanup, what.image, runArguments),
    served: () => serve(daemon.url, what),
  };
  for (let run = 0; run < runs; run += 1) {
    for (const kind of run % 2 === 0 ? ['bare', 'served'] : ['served', 'bare']) {
      times[kind].push(await measure[kind]());
    }
    say(`  served ${times.served[run].toFixed(0)} ms, bare ${times.bare[run].toFixed(0)} ms`);
  }
  await daemon.stop();
  const [inServiceMs, bareMs] = [median(times.served), median(times.bare)];
  const pairedMs = median(times.served.map((served, run) => served - times.bare[run]));
  return { overMs: inServiceMs - bareMs, pairedMs, inServiceMs, bareMs };
}

/** @param {string} url @param {{ image: string, modelDataUrl: string }} what */
async function serve(url, what) {
  const took = await createEndpoint(url, 'measured', what);
  await deleteEndpoint(url, 'measured');
  return took;
}
