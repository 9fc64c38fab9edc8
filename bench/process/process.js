import { availableParallelism } from 'node:os';
import { load } from '../lib/load.js';
import { median, percentile, round } from '../lib/numbers.js';
import { checkReady } from '../lib/ready.js';
import { Project } from '../reload/reloads.js';
import { firstPrediction } from './first-prediction.js';
import { QUESTION, trivialProject } from './project.js';

const CONNECTIONS = 8;
const SECONDS = 3;

/**
 * A handler served as a local process. README.md says what each key is.
 * @param {{ cleanup: import('../lib/cleanup.js').Cleanup, runs: number, edits: number, say: (line: string) => void }} bench
 */
export async function runProcess({ cleanup, runs, edits, say }) {
  await checkReady(['smlocal/pytorch-inference'], []);
  const workers = availableParallelism();
  say(`smlocal up to a first prediction: ${runs} runs`);
  const first = [];
  for (let run = 0; run <= runs; run += 1) first.push(await firstPrediction(cleanup, workers));
  say(`a handler, in place: ${edits} edits`);
  const times = await inPlace(cleanup, edits, workers);
  say(`throughput beside the toolkit in its container: ${runs} runs`);
  const { ours, theirs } = await throughput(cleanup, { runs, workers, say });
  const figures = {
    // The first one fills the disk cache.
    first_prediction_ms: median(first.slice(1)),
    in_place_p50_ms: percentile(times, 50),
    in_place_p95_ms: percentile(times, 95),
    throughput_vs_toolkit: median(ours) / median(theirs),
    throughput_per_s: median(ours),
    toolkit_throughput_per_s: median(theirs),
    workers,
    edits,
    runs,
  };
  const goals = {
    first_prediction_ms: 1000,
    in_place_p50_ms: 60,
    throughput_vs_toolkit: { atLeast: 1 },
  };
  const rounded = Object.entries(figures).map(([key, value]) => [key, round(value)]);
  return { figures: Object.fromEntries(rounded), goals };
}

/** @typedef {import('../lib/cleanup.js').Cleanup} Cleanup */

/** @param {Cleanup} cleanup @param {number} edits @param {number} workers */
async function inPlace(cleanup, edits, workers) {
  const write = trivialProject('process', { workers });
  const project = await Project.start(cleanup, { write, body: QUESTION });
  const times = await project.reloads(edits, 'src/inference.py', 'code');
  await project.stop();
  return times;
}

/**
 * The same load on both, in turn, through the same daemon code.
 * @param {Cleanup} cleanup
 * @param {{ runs: number, workers: number, say: (line: string) => void }} options
 */
async function throughput(cleanup, { runs, workers, say }) {
  const [process, docker] = await Promise.all(
    /** @type {const} */ (['process', 'docker']).map((engine) =>
      Project.start(cleanup, { write: trivialProject(engine, { workers }), body: QUESTION }),
    ),
  );
  /** @param {Project} project */
  const measure = async ({ url }) => {
    const what = { url: `${url}/endpoints/edited/invocations`, body: QUESTION };
    return (await load({ ...what, connections: CONNECTIONS, seconds: SECONDS })).perSecond;
  };
  await measure(process);
  await measure(docker);
  /** @type {{ ours: number[], theirs: number[] }} */
  const found = { ours: [], theirs: [] };
  for (let run = 0; run < runs; run += 1) {
    found.ours.push(await measure(process));
    found.theirs.push(await measure(docker));
    say(`  process ${found.ours[run].toFixed(0)}/s, container ${found.theirs[run].toFixed(0)}/s`);
  }
  await Promise.all([process.stop(), docker.stop()]);
  return found;
}
