#!/usr/bin/env node
// `npm run bench -- start [--json] [--runs N]`: argv to one group of measurements. See README.md in this folder.
import { parseArgs } from 'node:util';
import { Cleanup } from './lib/cleanup.js';
import { table } from './lib/table.js';
import { runStart } from './start/start.js';

/** Each group measures, and says which of its figures has which goal. */
const GROUPS = { start: runStart };

const USAGE = `Usage: npm run bench -- ${Object.keys(GROUPS).join('|')} [--json] [--runs N]`;

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, runs: { type: 'string', default: '9' } },
  });
  const group = GROUPS[positionals[0]];
  const runs = Number(values.runs);
  if (group === undefined || positionals.length !== 1 || !Number.isInteger(runs) || runs < 1) {
    console.error(USAGE);
    return 2;
  }
  const cleanup = new Cleanup();
  cleanup.onSignals();
  try {
    const { figures, goals } = await cleanup.orInterrupted(
      group({ cleanup, runs, say: (line) => console.error(line) }),
    );
    console.log(values.json ? JSON.stringify(figures) : table(figures, goals));
    return 0;
  } finally {
    await cleanup.run();
  }
}

main().then(
  (code) => process.exit(code),
  (error) => {
    console.error(error?.interrupted ? 'Interrupted; everything that was started is gone.' : error);
    process.exit(error?.interrupted ? 130 : 1);
  },
);
