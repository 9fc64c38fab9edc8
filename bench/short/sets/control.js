import { timesInTurn } from '../../control/in-turn.js';
import { operations, PAGE } from '../../control/operations.js';
import { fill, settle, writeProcessProject } from '../../control/store.js';
import { startDaemon } from '../../lib/daemon.js';
import { median } from '../../lib/numbers.js';

/** The control plane with a full store against an empty one: the worst operation's median. */
export const RATIOS = /** @type {const} */ ({ p50_full_vs_empty: 'less' });

const FULL = { models: 3_000, configs: 1_000, endpoints: 100 };
/** Two pages of models, so that a page of either store is as long and has a token. */
const EMPTY = { models: 2 * PAGE, configs: 1, endpoints: 1 };

/** Those that write wait for the disk, which is as quick as it is; lists are longer with more in the store. */
const ASKED = ['describe_model', 'describe_config', 'describe_endpoint', 'page_models'];
/** Of each operation to each store. */
const CALLS = 1_000;

/** @type {import('../ratios.js').RatioSet['measure']} */
export async function measure({ cleanup }) {
  const daemons = {
    empty: await startDaemon(cleanup, writeProcessProject),
    full: await startDaemon(cleanup, writeProcessProject),
  };
  await fill(daemons.empty.url, EMPTY);
  await fill(daemons.full.url, FULL);
  await settle(daemons.full.url);
  const sides = {
    empty: operations(daemons.empty.url, EMPTY, 'short'),
    full: operations(daemons.full.url, FULL, 'short'),
  };
  const ratios = [];
  for (const name of ASKED) {
    const asked = { full: sides.full[name], empty: sides.empty[name] };
    // The full one was asked thousands of times as it was filled: the empty one's code is to be compiled, too.
    await timesInTurn(asked, 0, CALLS);
    const { full, empty } = await timesInTurn(asked, CALLS, CALLS);
    ratios.push(median(full) / median(empty));
  }
  await daemons.full.stop();
  await daemons.empty.stop();
  return { p50_full_vs_empty: Math.max(...ratios) };
}
