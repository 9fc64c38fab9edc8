import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { RoleKeys } from '../../src/daemon/role-keys.js';
import { withAccess } from '../../src/hosting/role-access.js';
import { pythonClients } from '../support/python-clients.js';
import { useDaemon } from '../support/test-daemon.js';
import { testRoleAccess } from './role-access.js';

testRoleAccess(useDaemon('process'), {
  image: 'any',
  environment: async () => ({ SMLOCAL_PYTHON: await pythonClients() }),
});

const folder = mkdtempSync(join(tmpdir(), 'smlocal-keys-'));
afterAll(() => rmSync(folder, { recursive: true }));

const ROLE = 'arn:aws:iam::123456789012:role/Reader';

test('A role has the same key in the next daemon, and the next state folder another', () => {
  const keys = new RoleKeys(folder);
  const key = keys.of(ROLE);
  keys.port = 4578;
  expect(key.accessKeyId).toMatch(/^ASIA[0-9A-F]{16}$/);
  expect(key.secretAccessKey).toHaveLength(40);
  expect(keys.of(`${ROLE}2`).accessKeyId).not.toBe(key.accessKeyId);
  const next = new RoleKeys(folder);
  expect(next.of(ROLE)).toEqual(key);
  expect(next.port).toBe(4578);
  expect(next.secretOf(key.accessKeyId)).toBe(key.secretAccessKey);
  const file = join(folder, 'role-keys.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).not.toContain(key.secretAccessKey);
  writeFileSync(file, '{"secret": "00", "port": 1}');
  const mended = new RoleKeys(folder);
  expect(mended.of(ROLE).secretAccessKey).not.toBe(key.secretAccessKey);
  expect(mended.port).toBe(0);
});

test('A model that brings keys or an address of its own gets none of ours', () => {
  const access = { AWS_ENDPOINT_URL: 'http://here', AWS_ACCESS_KEY_ID: 'ASIA' };
  expect(withAccess({ A: '1', AWS_DEFAULT_REGION: 'x' }, access)).toEqual({
    ...access,
    ...{ A: '1', AWS_DEFAULT_REGION: 'x' },
  });
  for (const own of ['AWS_ACCESS_KEY_ID', 'AWS_PROFILE', 'AWS_ENDPOINT_URL'])
    expect(withAccess({ [own]: 'theirs' }, access)).toEqual({ [own]: 'theirs' });
});
