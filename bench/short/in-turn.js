import { median } from '../lib/numbers.js';
import { processorSeconds } from '../lib/process-figures.js';
import { wrk } from '../lib/wrk.js';

/** @typedef {{ url: string, pid?: number }} Asked what is asked, and the process that answers where its work is counted */
/** @typedef {'perSecond' | 'processor'} Key answers in a second; processor time for each */
/** @typedef {Record<Key, number>} Measured */

/**
 * Asks several servers in turn, round after round, and tells of each how it did against another: the median of the ratios
 * within each round, which what else happens on the machine moves least. The first round is not counted.
 * @template {string} Name
 * @param {Record<Name, Asked>} servers
 * @param {{ body: string, connections: number, rounds: number, seconds: number }} how
 * @returns {Promise<Record<Name, Record<Key, (than: Name) => number>>>}
 */
export async function ratiosInTurn(servers, { body, connections, rounds, seconds }) {
  const names = /** @type {Name[]} */ (Object.keys(servers));
  /** @type {Record<Name, Measured>[]} */
  const found = [];
  for (let round = 0; round <= rounds; round += 1) {
    const measured = /** @type {Record<Name, Measured>} */ ({});
    // Whoever goes first has not always had the same before it.
    for (const name of round % 2 === 0 ? names : names.toReversed())
      measured[name] = await measure(servers[name], { body, connections, seconds });
    if (round > 0) found.push(measured);
  }
  const ratio = (/** @type {Key} */ key, /** @type {Name} */ name) => (/** @type {Name} */ than) =>
    median(found.map((one) => one[name][key] / one[than][key]));
  const of = (/** @type {Name} */ name) => ({
    perSecond: ratio('perSecond', name),
    processor: ratio('processor', name),
  });
  return /** @type {any} */ (Object.fromEntries(names.map((name) => [name, of(name)])));
}

/**
 * @param {Asked} server
 * @param {{ body: string, connections: number, seconds: number }} how
 * @returns {Promise<Measured>}
 */
async function measure({ url, pid }, how) {
  const before = pid === undefined ? Number.NaN : processorSeconds(pid);
  const { perSecond, requests } = await wrk(url, how);
  const after = pid === undefined ? Number.NaN : processorSeconds(pid);
  return { perSecond, processor: (after - before) / requests };
}
