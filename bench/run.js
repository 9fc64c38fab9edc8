#!/usr/bin/env node
// `npm run bench -- GROUP|all|short [options]`: argv to one group of measurements, to all of them, or to the short form. See README.md in this folder.
import { parseArgs } from 'node:util';
import { runAll } from './all/all.js';
import { Cleanup } from './lib/cleanup.js';
import { GROUPS } from './lib/groups.js';
import { table } from './lib/table.js';

const USAGE = `Usage: npm run bench -- ${Object.keys(GROUPS).join('|')} [--json] [--runs N] [--edits N] [--minutes N]
       npm run bench -- all [GROUP...] [--json] [--runs N] [--edits N] [--minutes N]
       npm run bench -- short [--json] [--accept] [--report FILE]`;

const OPTIONS = /** @type {const} */ ({
  json: { type: 'boolean', default: false },
  goals: { type: 'boolean', default: false },
  runs: { type: 'string' },
  edits: { type: 'string' },
  minutes: { type: 'string' },
  accept: { type: 'boolean', default: false },
  report: { type: 'string' },
});

/** Unless it is said otherwise. */
const COUNTS = { runs: 9, edits: 50, minutes: 30 };

/** @typedef {{ values: Record<string, string | boolean | undefined>, counts: Partial<typeof COUNTS>, cleanup: Cleanup, say: (line: string) => void }} Asked */

async function main() {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: OPTIONS });
  const [what, ...names] = positionals;
  const given = Object.keys(COUNTS).filter((key) => values[key] !== undefined);
  const counts = Object.fromEntries(given.map((key) => [key, Number(values[key])]));
  const work = workOf(what, names);
  if (work === undefined || !Object.values(counts).every(isCount)) {
    console.error(USAGE);
    return 2;
  }
  const cleanup = new Cleanup();
  cleanup.onSignals();
  try {
    return await cleanup.orInterrupted(
      work({ values, counts, cleanup, say: (line) => console.error(line) }),
    );
  } finally {
    await cleanup.run();
  }
}

/** @param {number} value */
function isCount(value) {
  return Number.isInteger(value) && value >= 1;
}

/**
 * @param {string | undefined} what
 * @param {readonly string[]} names
 * @returns {((asked: Asked) => Promise<number>) | undefined} it answers the exit code
 */
function workOf(what, names) {
  if (what === 'all' && names.every((name) => name in GROUPS)) return all(names);
  if (names.length > 0 || what === undefined) return undefined;
  if (what === 'short') return short;
  return what in GROUPS ? oneGroup(what) : undefined;
}

/** @param {string} name @returns {(asked: Asked) => Promise<number>} */
function oneGroup(name) {
  return async ({ values, counts, cleanup, say }) => {
    const group = await GROUPS[name]();
    const { figures, goals } = await group({ cleanup, ...COUNTS, ...counts, say });
    if (values.goals) console.log(JSON.stringify({ figures, goals }));
    else console.log(values.json ? JSON.stringify(figures) : table(figures, goals));
    return 0;
  };
}

/** @param {readonly string[]} names @returns {(asked: Asked) => Promise<number>} */
function all(names) {
  return async ({ values, counts, cleanup, say }) => {
    const { results, failed } = await runAll({ cleanup, names, counts, say });
    if (values.json) console.log(JSON.stringify(results));
    return failed.length === 0 ? 0 : 1;
  };
}

/** @type {(asked: Asked) => Promise<number>} */
async function short({ values, cleanup, say }) {
  const { runShort } = await import('./short/short.js');
  const { accept, report, json } = values;
  const { figures, text, worse } = await runShort({ cleanup, accept, report, say });
  console.log(json ? JSON.stringify(figures) : text);
  return worse.length === 0 ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error) => {
    console.error(error?.interrupted ? 'Interrupted; everything that was started is gone.' : error);
    process.exit(error?.interrupted ? 130 : 1);
  },
);
