import { operations } from '../../control/operations.js';
import { fill, settle, writeProcessProject } from '../../control/store.js';
import { startDaemon } from '../../lib/daemon.js';
import { median } from '../../lib/numbers.js';

/** The control plane with a full store against an empty one: the worst operation's median. */
export const RATIOS = /** @type {const} */ ({ p50_full_vs_empty: 'less' });

const FULL = { models: 3_000, configs: 1_000, endpoints: 100 };
const EMPTY = { models: 1, configs: 1, endpoints: 1 };

/** Those that write wait for the disk, which is as quick as it is; lists are longer with more in the store. */
const ASKED = ['describe_model', 'describe_config', 'describe_endpoint', 'page_models'];
/** As many on a page of either store as there are in the smaller. */
const CALLS = 100;
const ROUNDS = 7;
const WARM_UPS = 1_000;

/** @type {import('../ratios.js').RatioSet['measure']} */
export async function measure({ cleanup }) {
  const daemons = {
    empty: await startDaemon(cleanup, writeProcessProject),
    full: await startDaemon(cleanup, writeProcessProject),
  };
  await fill(daemons.empty.url, { ...EMPTY, models: 50 });
  await fill(daemons.full.url, FULL);
  await settle(daemons.full.url);
  const sides = {
    empty: operations(daemons.empty.url, EMPTY, 'short'),
    full: operations(daemons.full.url, FULL, 'short'),
  };
  const ratios = [];
  for (const name of ASKED) {
    const found = [];
    // The full one was asked thousands of times as it was filled: the empty one's code is to be compiled, too.
    for (const side of [sides.empty, sides.full]) await p50(side[name], 0, WARM_UPS);
    for (let round = 0; round < ROUNDS; round += 1) {
      const empty = await p50(sides.empty[name], round);
      const full = await p50(sides.full[name], round);
      found.push(full / empty);
    }
    ratios.push(median(found));
  }
  await daemons.full.stop();
  await daemons.empty.stop();
  return { p50_full_vs_empty: Math.max(...ratios) };
}

/** @param {import('../../control/operations.js').Operation} operation @param {number} round */
async function p50(operation, round, calls = CALLS) {
  const times = [];
  for (let index = round * calls; index < (round + 1) * calls; index += 1) {
    const from = performance.now();
    await operation(index);
    times.push(performance.now() - from);
  }
  return median(times);
}
