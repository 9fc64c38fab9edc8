// Adds up the JSON reports of the test runs in a folder; prints what failed and what was skipped, and why, then the counts.
// Usage: test-summary.js FOLDER [REASON]; REASON is why the tests listed in skipped.json did not run.
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** Lines. */
const LONGEST_MESSAGE = 12;

const [folder, reason] = process.argv.slice(2);
const read = (name) => {
  const file = join(folder, name);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
};

const counts = { passed: 0, failed: 0, skipped: 0 };
const runs = ['unit.json', ...(reason === undefined ? ['docker.json'] : []), 'ratios.json'];
for (const name of runs) {
  const report = read(name);
  if (report === undefined) {
    console.log(`FAILED   ${name}: the tests did not run to their end`);
    counts.failed += 1;
    continue;
  }
  for (const file of report.testResults) countFile(file);
}

function countFile(file) {
  const path = relative(process.cwd(), file.name);
  if (file.assertionResults.length === 0 && file.status === 'failed') {
    console.log(`FAILED   ${path}: ${file.message.split('\n')[0]}`);
    counts.failed += 1;
  }
  for (const test of file.assertionResults) {
    const kind = { passed: 'passed', failed: 'failed' }[test.status] ?? 'skipped';
    counts[kind] += 1;
    if (kind === 'passed') continue;
    console.log(`${kind.toUpperCase().padEnd(8)} ${path}: ${test.fullName}`);
    for (const message of test.failureMessages ?? []) console.log(beginningOf(message));
  }
}

/** A failure's own words, which else are far up in the output; a long stack is cut. */
function beginningOf(message) {
  const lines = stripVTControlCharacters(message).split('\n').slice(0, LONGEST_MESSAGE);
  return lines.map((line) => `         ${line}`).join('\n');
}

if (reason !== undefined) {
  const listed = read('skipped.json') ?? [];
  console.log(`SKIPPED  ${listed.length} tests in containers: ${reason}`);
  counts.skipped += listed.length;
}

console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(counts.failed > 0 || counts.passed === 0 ? 1 : 0);
