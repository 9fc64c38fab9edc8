import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { makeReadyForNginx } from '../lib/bench-tools.js';
import { Cleanup } from '../lib/cleanup.js';
import { median } from '../lib/numbers.js';
import { runSoak } from '../soak/soak.js';
import { SETS } from './ratios.js';
import { reportOf } from './report.js';
import { best, verdictOn, worsening } from './verdict.js';

const BASELINE = new URL('../ratios.json', import.meta.url);

/** How often a set is measured where a ratio of it is worse, and how often for a new baseline. */
const ROUNDS = 3;

/** The form of the soak that is short enough for every run of the tests. */
const SOAK_MINUTES = 1;

/** What may have grown after it: more is a leak, less is the machine's. @type {Record<string, number>} */
const SOAK_LIMITS = {
  errors: 0,
  leftover_processes: 0,
  processes_growth: 0,
  handles_growth: 3,
  rss_growth_mb: 60,
};

/** @typedef {import('./ratios.js').RatioSet} RatioSet */
/** @typedef {{ name: string, state: 'passed' | 'failed' | 'skipped', text: string }} Check */
/** @typedef {{ cleanup: import('../lib/cleanup.js').Cleanup, accept: boolean, report: string | undefined, say: (line: string) => void }} Asked */

/**
 * Ratios of the groups, measured in two minutes, against those that were accepted; and a minute of soak. README.md says what
 * each is.
 * @param {Asked} asked accept: take what is found as the baseline; report: a file for scripts/test-summary.js
 * @returns {Promise<{ figures: Record<string, number>, text: string, worse: string[] }>}
 */
export async function runShort({ cleanup, accept, report, say }) {
  const missing = missingTools();
  const sets = SETS.filter(({ NEEDS_TOOLS }) => !(NEEDS_TOOLS && missing));
  const accepted = JSON.parse(await readFile(BASELINE, 'utf8'));
  /** @type {Record<string, number[]>} */
  const rounds = {};
  for (let round = 1; round <= ROUNDS; round += 1) {
    const again = sets.filter((set) => accept || namesOf(set, accepted, rounds).length > 0);
    for (const set of again) await measureInto(rounds, set, { cleanup, say, round });
  }
  if (accept) return acceptAll(rounds, accepted, say);
  const checks = SETS.flatMap((set) => checksOf(set, accepted, rounds, missing));
  checks.push(...(await soak(cleanup, say)));
  if (report !== undefined) await writeFile(report, JSON.stringify(reportOf(checks)));
  return {
    figures: Object.fromEntries(SETS.flatMap((set) => bestOf(set, rounds))),
    text: checks.map(({ state, text }) => `${state.padEnd(8)} ${text}`).join('\n'),
    worse: checks.filter(({ state }) => state === 'failed').map(({ name }) => name),
  };
}

/** Why what needs nginx, wrk and moto cannot be measured; undefined where it can. @returns {string | undefined} */
function missingTools() {
  try {
    makeReadyForNginx();
    return undefined;
  } catch {
    return 'nginx, wrk and moto cannot be had: see scripts/bench-tools';
  }
}

/**
 * The ratios of a set that have to be measured (again).
 * @param {RatioSet} set
 * @param {Record<string, number>} accepted
 * @param {Record<string, number[]>} rounds
 */
function namesOf({ RATIOS }, accepted, rounds) {
  return Object.entries(RATIOS)
    .filter(([name, better]) => verdictOn(better, accepted[name], rounds[name] ?? []) === 'worse')
    .map(([name]) => name);
}

/**
 * @param {Record<string, number[]>} rounds
 * @param {RatioSet} set
 * @param {{ cleanup: Asked['cleanup'], say: Asked['say'], round: number }} how
 */
async function measureInto(rounds, set, { cleanup, say, round }) {
  const names = Object.keys(set.RATIOS);
  say(`${names.join(', ')}${round > 1 ? `, round ${round}` : ''}`);
  // What one set has started is gone before the next is measured.
  const own = new Cleanup();
  const clean = cleanup.add(() => own.run());
  try {
    const found = await set.measure({ cleanup: own, say: () => undefined });
    for (const name of names) rounds[name] = [...(rounds[name] ?? []), found[name]];
    say(`  ${JSON.stringify(found)}`);
  } catch (error) {
    say(`  it failed: ${error}`); // And has no value, which is no better than a bad one.
  } finally {
    await clean();
  }
}

/**
 * @param {RatioSet} set
 * @param {Record<string, number>} accepted
 * @param {Record<string, number[]>} rounds
 * @param {string | undefined} missing
 * @returns {Check[]}
 */
function checksOf({ RATIOS, NEEDS_TOOLS }, accepted, rounds, missing) {
  return Object.entries(RATIOS).map(([name, better]) => {
    if (NEEDS_TOOLS && missing !== undefined)
      return { name, state: 'skipped', text: `${name}: ${missing}` };
    const values = rounds[name] ?? [];
    const state = verdictOn(better, accepted[name], values) === 'fine' ? 'passed' : 'failed';
    if (values.length === 0) return { name, state, text: `${name} could not be measured` };
    const value = best(better, values);
    const percent = Math.round(worsening(better, accepted[name], value) * 100);
    const than = percent > 0 ? `${percent} % worse` : `${-percent} % better`;
    const text = `${name} is ${value.toFixed(3)}, ${than} than the accepted ${accepted[name]}`;
    return { name, state, text };
  });
}

/** @param {RatioSet} set @param {Record<string, number[]>} rounds */
function bestOf({ RATIOS }, rounds) {
  return Object.entries(RATIOS)
    .filter(([name]) => rounds[name] !== undefined)
    .map(([name, better]) => [name, thousandths(best(better, rounds[name]))]);
}

/** @param {Asked['cleanup']} cleanup @param {Asked['say']} say @returns {Promise<Check[]>} */
async function soak(cleanup, say) {
  const { figures } = await runSoak({ cleanup, minutes: SOAK_MINUTES, say });
  return Object.entries(SOAK_LIMITS).map(([key, limit]) => {
    const state = figures[key] <= limit ? 'passed' : 'failed';
    return { name: `soak ${key}`, state, text: `soak: ${key} ${figures[key]}, at most ${limit}` };
  });
}

/**
 * @param {Record<string, number[]>} rounds
 * @param {Record<string, number>} before
 * @param {Asked['say']} say
 */
async function acceptAll(rounds, before, say) {
  const found = Object.entries(rounds).map(([name, values]) => [name, thousandths(median(values))]);
  const figures = Object.fromEntries(found);
  const text = JSON.stringify({ ...before, ...figures }, undefined, 2);
  await writeFile(BASELINE, `${text}\n`);
  say(`written: ${fileURLToPath(BASELINE)}`);
  return { figures, text, worse: [] };
}

/** @param {number} value */
function thousandths(value) {
  return Math.round(value * 1000) / 1000;
}
