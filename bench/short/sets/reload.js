import { median } from '../../lib/numbers.js';
import { firstPrediction } from '../../process/first-prediction.js';
import { QUESTION, trivialProject } from '../../process/project.js';
import { Project } from '../../reload/reloads.js';

/** A handler that is saved, to the first answer by the new code; against `smlocal up` to a first answer. */
export const RATIOS = /** @type {const} */ ({ in_place_vs_first_prediction: 'less' });

const STARTS = 5;
const EDITS = 25;

const WORKERS = 2;

/** @type {import('../ratios.js').RatioSet['measure']} */
export async function measure({ cleanup }) {
  const first = [];
  for (let run = 0; run <= STARTS; run += 1) first.push(await firstPrediction(cleanup, WORKERS));
  const write = trivialProject('process', { workers: WORKERS });
  const project = await Project.start(cleanup, { write, body: QUESTION });
  const edits = await project.reloads(EDITS, 'src/inference.py', 'code');
  await project.stop();
  return { in_place_vs_first_prediction: median(edits) / median(first.slice(1)) };
}
