import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { GROUPS } from '../lib/groups.js';
import { table } from '../lib/table.js';
import { groupSection, machineSection, withSection } from './document.js';
import { commitOf, machineOf } from './machine.js';
import { makeReady } from './make-ready.js';

const RUN = fileURLToPath(new URL('../run.js', import.meta.url));
const DOCUMENT = fileURLToPath(new URL('../../docs/performance.md', import.meta.url));

/** All groups in about half an hour: fewer runs than one takes who looks at a group alone. */
const COUNTS = { runs: 5, edits: 30, minutes: 1 };

/** @typedef {import('../lib/cleanup.js').Cleanup} Cleanup */
/** @typedef {import('./document.js').Result} Result */

/**
 * Runs groups one after the other, each in a process of its own, and writes what each has found into docs/performance.md as
 * soon as it is known. A group that fails is named; the others are run all the same.
 * @param {{ cleanup: Cleanup, names: readonly string[], counts: Partial<typeof COUNTS>, say: (line: string) => void }} what
 *   names: the groups, all where none is named
 * @returns {Promise<{ results: Record<string, unknown>, failed: string[] }>}
 */
export async function runAll({ cleanup, names, counts, say }) {
  makeReady(cleanup, say);
  const machine = machineOf();
  await write('machine', machineSection(machine));
  /** @type {Record<string, unknown>} */
  const results = { machine };
  /** @type {string[]} */
  const failed = [];
  const wanted = names.length > 0 ? names : Object.keys(GROUPS);
  for (const [index, name] of wanted.entries()) {
    say(`== ${name} (${index + 1} of ${wanted.length}), ${new Date().toISOString().slice(11, 19)}`);
    const result = await measured(cleanup, name, { ...COUNTS, ...counts });
    await write(name, groupSection(result, { at: new Date(), commit: commitOf() }));
    results[name] = 'failure' in result ? { failed: result.failure } : result.figures;
    if ('failure' in result) failed.push(name);
    say('failure' in result ? `FAILED: ${result.failure}` : table(result.figures, result.goals));
  }
  say(failed.length === 0 ? 'Every group was measured.' : `These failed: ${failed.join(', ')}`);
  return { results, failed };
}

/**
 * One group in a process of its own.
 * @param {Cleanup} cleanup
 * @param {string} name
 * @param {typeof COUNTS} counts
 * @returns {Promise<Result>}
 */
async function measured(cleanup, name, counts) {
  const options = Object.entries(counts).flatMap(([key, count]) => [`--${key}`, String(count)]);
  const from = performance.now();
  const child = spawn(process.execPath, [RUN, name, '--goals', ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  const forget = cleanup.add(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  let [out, last] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    process.stderr.write(text);
    last = (last + text).slice(-2000);
  });
  const [code] = await ended;
  await forget();
  const seconds = Math.round((performance.now() - from) / 1000);
  if (code !== 0) return { failure: reasonIn(last) ?? `it ended with ${code}`, seconds };
  return { ...JSON.parse(out), seconds };
}

/** The message of the error that ended a group. @param {string} text */
function reasonIn(text) {
  return text
    .split('\n')
    .findLast((line) => /^\w*Error\b/.test(line))
    ?.slice(0, 300);
}

/** @param {string} name @param {string} section */
async function write(name, section) {
  await writeFile(DOCUMENT, withSection(await readFile(DOCUMENT, 'utf8'), name, section));
}
