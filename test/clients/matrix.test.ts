import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ROOT } from '../support/fixtures.js';
import { CLIENTS, pinnedVersion } from './pinned.js';

/* Whether each cell is what the last run showed is looked at when a run has ended: scripts/clients-matrix.js. */

test('The README’s matrix names each client of the tests, in the version that they run', () => {
  const readme = readFileSync(`${ROOT}README.md`, 'utf8');
  const [, matrix = ''] = /<!-- clients:[^\n]*\n(.*?)<!-- end of clients -->/s.exec(readme) ?? [];
  const rows = matrix.trim().split('\n').slice(2);
  const said = rows.map((row) =>
    row
      .split('|')
      .slice(1, 3)
      .map((cell) => cell.trim()),
  );
  expect(said).toEqual(CLIENTS.map((client) => [client, pinnedVersion(client)]));
});
