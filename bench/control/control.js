import { startMoto } from '../invoke/servers.js';
import { makeReadyForMoto } from '../lib/bench-tools.js';
import { startDaemon } from '../lib/daemon.js';
import { hundredths, median, percentile } from '../lib/numbers.js';
import { timesInTurn } from './in-turn.js';
import { MIX, operations, PAGE } from './operations.js';
import { fill, settle, writeProcessProject } from './store.js';

const FULL = { models: 10_000, configs: 10_000, endpoints: 1_000 };
/** Two pages of each, so that a page of either store is as long and has a token: else it is lists of one and of fifty that are compared. */
const EMPTY = { models: 2 * PAGE, configs: 2 * PAGE, endpoints: 2 * PAGE };
/** What both have that are compared with each other: smlocal and moto. */
const ALIKE = { models: 1_000, configs: 0, endpoints: 0 };

/** Calls of each operation to each store in a run, after as many to warm up. */
const CALLS = 100;
/** Calls of each kind that each of so many at once makes. */
const MIX_CALLS = 50;
const AT_ONCE = 8;

/** @typedef {import('../lib/cleanup.js').Cleanup} Cleanup */

/**
 * The control plane with a full store beside an empty one, and beside moto. README.md says what each key is.
 * @param {{ cleanup: Cleanup, runs: number, say: (line: string) => void }} bench
 */
export async function runControl({ cleanup, runs, say }) {
  makeReadyForMoto();
  const daemons = {
    empty: await startDaemon(cleanup, writeProcessProject),
    full: await startDaemon(cleanup, writeProcessProject),
  };
  say('filling: 10,000 models, 10,000 configs, 1,000 endpoints');
  await fill(daemons.empty.url, EMPTY);
  await fill(daemons.full.url, FULL);
  for (const { url } of Object.values(daemons)) await settle(url);
  say(`each operation on an empty and on a full store: ${runs} runs`);
  const { figures, worst } = await fullVersusEmpty(daemons, runs);
  say('starting with the full store');
  const starts = [];
  let full = daemons.full;
  for (let run = 0; run < Math.min(runs, 5); run += 1) {
    full = await full.restart();
    starts.push(full.listenMs);
  }
  await full.stop();
  await daemons.empty.stop();
  say(`the rate beside moto's: ${runs} runs`);
  const rates = await versusMoto(cleanup, runs);
  return {
    figures: hundredths({
      p99_full_vs_empty: worst,
      rate_vs_moto: rates.smlocal / rates.moto,
      start_full_ms: median(starts),
      ...figures,
      rate_per_s: rates.smlocal,
      moto_rate_per_s: rates.moto,
      runs,
    }),
    goals: { p99_full_vs_empty: 2, rate_vs_moto: { atLeast: 5 }, start_full_ms: 1000 },
  };
}

/**
 * @param {Record<'empty' | 'full', { url: string }>} daemons
 * @param {number} runs
 */
async function fullVersusEmpty(daemons, runs) {
  const sides = {
    empty: operations(daemons.empty.url, EMPTY, 'made'),
    full: operations(daemons.full.url, FULL, 'made'),
  };
  /** @type {Record<string, number>} */
  const figures = {};
  let worst = 0;
  for (const name of Object.keys(sides.empty)) {
    const asked = { empty: sides.empty[name], full: sides.full[name] };
    await timesInTurn(asked, 0, CALLS);
    const times = await timesInTurn(asked, CALLS, runs * CALLS);
    const [empty, full] = [percentile(times.empty, 99), percentile(times.full, 99)];
    worst = Math.max(worst, full / empty);
    figures[`${name}_p99_full_ms`] = full;
    figures[`${name}_p99_full_vs_empty`] = full / empty;
    figures[`${name}_p50_full_ms`] = percentile(times.full, 50);
  }
  return { figures, worst };
}

/**
 * @param {Cleanup} cleanup
 * @param {number} runs
 * @returns {Promise<Record<'smlocal' | 'moto', number>>} calls in a second
 */
async function versusMoto(cleanup, runs) {
  const daemon = await startDaemon(cleanup, writeProcessProject);
  const urls = { smlocal: daemon.url, moto: await startMoto(cleanup) };
  for (const url of Object.values(urls)) await fill(url, ALIKE);
  /** @type {Record<'smlocal' | 'moto', number[]>} */
  const rates = { smlocal: [], moto: [] };
  for (let run = 0; run <= runs; run += 1) {
    for (const name of /** @type {const} */ (['smlocal', 'moto'])) {
      const rate = await rateOf(operations(urls[name], ALIKE, `mix-${run}`));
      if (run > 0) rates[name].push(rate);
    }
  }
  await daemon.stop();
  return { smlocal: median(rates.smlocal), moto: median(rates.moto) };
}

/**
 * One kind after the other: moto fails a list while a model is made.
 * @param {Record<string, import('./operations.js').Operation>} kinds
 */
async function rateOf(kinds) {
  const from = performance.now();
  for (const kind of MIX) {
    const one = async (/** @type {number} */ worker) => {
      for (let call = 0; call < MIX_CALLS; call += 1) await kinds[kind](worker * MIX_CALLS + call);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, (_, worker) => one(worker)));
  }
  return (MIX.length * AT_ONCE * MIX_CALLS * 1000) / (performance.now() - from);
}
