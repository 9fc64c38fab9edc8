import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { ROOT } from '../support/fixtures.js';
import { CLIENTS, type ClientName, pinnedVersion } from './pinned.js';

/** Where a run notes what passed; scripts/clients-matrix makes the README's matrix of it. */
const NOTES = `${ROOT}.cache/clients-matrix`;

/** What the matrix's columns say. */
export type Proof =
  | 'S3'
  | 'STS'
  | 'IAM'
  | 'endpoints'
  | 'invoke'
  | 'stream'
  | 'processes'
  | 'containers';

/** Notes that a client has done this, in this run. The last line of a test: what fails comes before it. */
export function passed(client: ClientName, proofs: readonly Proof[]): void {
  mkdirSync(NOTES, { recursive: true });
  const note = { client, order: CLIENTS.indexOf(client), version: pinnedVersion(client), proofs };
  const name = `${NOTES}/${randomBytes(8).toString('hex')}`;
  writeFileSync(`${name}.new`, JSON.stringify(note));
  renameSync(`${name}.new`, `${name}.json`);
}
