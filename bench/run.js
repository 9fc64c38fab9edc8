#!/usr/bin/env node
// `npm run bench -- start|reload|package|process|invoke|control|create|footprint [--json] [--runs N] [--edits N]`: argv to one group of measurements. See README.md in this folder.
import { parseArgs } from 'node:util';
import { runControl } from './control/control.js';
import { runCreate } from './create/create.js';
import { runFootprint } from './footprint/footprint.js';
import { runInvoke } from './invoke/invoke.js';
import { Cleanup } from './lib/cleanup.js';
import { table } from './lib/table.js';
import { runPackage } from './package/package.js';
import { runProcess } from './process/process.js';
import { runReload } from './reload/reload.js';
import { runStart } from './start/start.js';

/** Each group measures, and says which of its figures has which goal. */
const GROUPS = {
  start: runStart,
  reload: runReload,
  package: runPackage,
  process: runProcess,
  invoke: runInvoke,
  control: runControl,
  create: runCreate,
  footprint: runFootprint,
};

const USAGE = `Usage: npm run bench -- ${Object.keys(GROUPS).join('|')} [--json] [--runs N] [--edits N]`;

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      runs: { type: 'string', default: '9' },
      edits: { type: 'string', default: '50' },
    },
  });
  const group = GROUPS[positionals[0]];
  const counts = { runs: Number(values.runs), edits: Number(values.edits) };
  const wrong = Object.values(counts).some((count) => !Number.isInteger(count) || count < 1);
  if (group === undefined || positionals.length !== 1 || wrong) {
    console.error(USAGE);
    return 2;
  }
  const cleanup = new Cleanup();
  cleanup.onSignals();
  try {
    const { figures, goals } = await cleanup.orInterrupted(
      group({ cleanup, ...counts, say: (line) => console.error(line) }),
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
