#!/usr/bin/env node
// The README's matrix of clients, made of what the last run of the tests noted (test/clients/matrix.ts).
//
//   node scripts/clients-matrix.js            fails where the README says another thing than the run showed
//   node scripts/clients-matrix.js --write    writes it into the README
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const root = new URL('../', import.meta.url);
const README = new URL('README.md', root);
const NOTES = new URL('.cache/clients-matrix/', root);

const BEGIN = '<!-- clients: made by scripts/clients-matrix.js from a run of scripts/test -->\n';
const END = '<!-- end of clients -->';

/** What a test may note, and the column's heading. */
const COLUMNS = {
  S3: 'S3',
  STS: 'STS',
  IAM: 'IAM',
  endpoints: 'models, endpoints',
  invoke: 'invoke',
  stream: 'response stream',
  processes: 'processes',
  containers: 'containers',
};

const matrix = table(clientsOf(readNotes()));
const readme = readFileSync(README, 'utf8');
const [before, old, after] = split(readme);
if (process.argv.includes('--write')) {
  writeFileSync(README, before + matrix + after);
} else if (old !== matrix) {
  process.stderr.write(
    `The README's matrix of clients is not what this run showed:\n\n${matrix}\nIf that is right: node scripts/clients-matrix.js --write\n`,
  );
  process.exitCode = 1;
}

function readNotes() {
  try {
    return readdirSync(NOTES)
      .filter((name) => name.endsWith('.json'))
      .map((name) => JSON.parse(readFileSync(new URL(name, NOTES), 'utf8')));
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

/** One entry a client, with all that any of its tests noted. */
function clientsOf(notes) {
  const clients = new Map();
  for (const { client, order, version, proofs } of notes) {
    const known = clients.get(client)?.proofs ?? [];
    clients.set(client, { client, order, version, proofs: new Set([...known, ...proofs]) });
  }
  return [...clients.values()].sort((a, b) => a.order - b.order);
}

function table(clients) {
  const rows = [
    ['client', 'version', ...Object.values(COLUMNS)],
    ...clients.map(({ client, version, proofs }) => [
      client,
      version,
      ...Object.keys(COLUMNS).map((column) => (proofs.has(column) ? '✓' : '')),
    ]),
  ];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (cells) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |\n`;
  const [head, ...body] = rows;
  return line(head) + line(widths.map((width) => '-'.repeat(width))) + body.map(line).join('');
}

function split(text) {
  const begin = text.indexOf(BEGIN) + BEGIN.length;
  const end = text.indexOf(END);
  if (begin < BEGIN.length || end < begin)
    throw new Error('The README has no place for the matrix.');
  return [text.slice(0, begin), text.slice(begin, end), text.slice(end)];
}
