import { percentile, round } from '../lib/numbers.js';
import { checkReady } from '../lib/ready.js';
import { PAUSE_MS } from './asking.js';
import { writeClassifier, writeTagger } from './project.js';
import { Project, sampleOf } from './reloads.js';
import { bareAnswer, bareArguments, yardsticks } from './yardsticks.js';

const TORCHSERVE = 'smlocal/pytorch-inference';
const FLASK = 'smlocal/flask-app';

/**
 * What a user waits for who has saved a file. README.md says what each key is.
 * @param {{ cleanup: import('../lib/cleanup.js').Cleanup, runs: number, edits: number, say: (line: string) => void }} bench
 */
export async function runReload({ cleanup, runs, edits, say }) {
  await checkReady([TORCHSERVE, FLASK], ['text-classifier', 'entity-tagger']);
  /** @type {Record<string, number>} */
  const figures = {};
  // Said as they come, for whoever ends it early.
  for (const measure of [measureTorchServe, measureSlowModel, measureFlask]) {
    const found = figuresOf(await measure(cleanup, { edits, runs, say }));
    say(`  ${JSON.stringify(found)}`);
    Object.assign(figures, found);
  }
  return { figures: { ...figures, edits, runs }, goals: goalsOf(figures) };
}

/** @param {Record<string, readonly number[]>} times in milliseconds, by what was measured */
function figuresOf(times) {
  return Object.fromEntries(
    Object.entries(times).flatMap(([key, values]) => [
      [`${key}_p50_ms`, round(percentile(values, 50))],
      ...(key.startsWith('in_place') ? [[`${key}_p95_ms`, round(percentile(values, 95))]] : []),
    ]),
  );
}

/** The most that each figure may be. @param {Record<string, number>} figures */
function goalsOf(figures) {
  return {
    in_place_p50_ms: 100,
    in_place_p95_ms: 200,
    in_place_slow_model_p50_ms: 100,
    in_place_slow_model_p95_ms: 200,
    replace_p50_ms: figures.bare_start_p50_ms + 300,
    replace_flask_p50_ms: figures.bare_start_flask_p50_ms + 300,
  };
}

/** @typedef {import('../lib/cleanup.js').Cleanup} Cleanup */
/** @typedef {{ edits: number, runs: number, say: (line: string) => void }} Counts */

/** @param {Cleanup} cleanup @param {Counts} counts */
async function measureTorchServe(cleanup, { edits, runs, say }) {
  const body = await sampleOf('text-classifier');
  const project = await Project.start(cleanup, { write: writeClassifier, body });
  say(`${TORCHSERVE}: a handler, in place, the model kept: ${edits} edits`);
  const in_place = await project.reloads(edits, 'src/inference.py', 'code');
  say(`${TORCHSERVE}: model_fn, ${runs} edits`);
  const model_changed = await project.reloads(runs, 'src/inference.py', 'model');
  const args = await bareArguments('edited');
  say(`${TORCHSERVE}: the environment, by a new container, ${runs} edits`);
  const replace = await project.reloads(runs, 'config.yml', 'environment', PAUSE_MS);
  // While the project's folder is there.
  say(`${TORCHSERVE}: docker run and docker restart, ${runs} each`);
  const what = { image: TORCHSERVE, args, body, text: '"code ' };
  const bare = await measureBare(cleanup, runs, what);
  say(`${TORCHSERVE}: docker run beside the endpoint that is asked, ${runs}`);
  const bare_start_asked = [];
  for (let run = 0; run < runs; run += 1)
    bare_start_asked.push(await project.asking.during(() => bareAnswer(cleanup, what), PAUSE_MS));
  await project.stop();
  return {
    in_place,
    model_changed,
    replace,
    bare_start: bare.map(({ pingMs }) => pingMs),
    bare_start_answer: bare.map(({ answerMs }) => answerMs),
    bare_start_asked,
    docker_restart: bare.map(({ restartMs }) => restartMs),
  };
}

/** @param {Cleanup} cleanup @param {Counts} counts */
async function measureSlowModel(cleanup, { edits, say }) {
  say(`${TORCHSERVE}: a handler whose model takes 5 s to load, the model kept: ${edits} edits`);
  const body = await sampleOf('text-classifier');
  const write = (/** @type {string} */ folder) => writeClassifier(folder, { slow: true });
  const project = await Project.start(cleanup, { write, body });
  const in_place_slow_model = await project.reloads(edits, 'src/inference.py', 'code');
  await project.stop();
  return { in_place_slow_model };
}

/** @param {Cleanup} cleanup @param {Counts} counts */
async function measureFlask(cleanup, { runs, say }) {
  const body = await sampleOf('entity-tagger');
  const project = await Project.start(cleanup, { write: writeTagger, body });
  say(`${FLASK}: an application, by new workers, ${runs} edits`);
  const workers = await project.reloads(runs, 'src/app.py', 'code', PAUSE_MS);
  const args = await bareArguments('edited');
  say(`${FLASK}: the environment, by a new container, ${runs} edits`);
  const replace_flask = await project.reloads(runs, 'config.yml', 'environment', PAUSE_MS);
  // While the project's folder is there.
  say(`${FLASK}: docker run, ${runs}`);
  const bare = await measureBare(cleanup, runs, { image: FLASK, args, body, text: '"code ' });
  await project.stop();
  return {
    workers,
    replace_flask,
    bare_start_flask: bare.map(({ pingMs }) => pingMs),
    docker_restart_flask: bare.map(({ restartMs }) => restartMs),
  };
}

/**
 * @param {Cleanup} cleanup
 * @param {number} runs
 * @param {Parameters<typeof yardsticks>[1]} what
 */
async function measureBare(cleanup, runs, what) {
  const found = [];
  for (let run = 0; run < runs; run += 1) found.push(await yardsticks(cleanup, what));
  return found;
}
