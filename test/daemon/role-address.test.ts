import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ContainerEngine, HostAddress } from '../../src/containers/engine.js';
import { LocalRoleAccess } from '../../src/daemon/local-role-access.js';
import { RoleKeys } from '../../src/daemon/role-keys.js';
import type { EndpointRecord } from '../../src/hosting/records.js';
import { createLogger } from '../../src/log.js';
import { Sessions } from '../../src/services/sts/sessions.js';
import { configFor } from '../support/test-daemon.js';

/* Where containers are told to come, for engines whose containers come by different ways. */

const ROLE = 'arn:aws:iam::123456789012:role/Reader';
const HERE: HostAddress = { listenOn: '127.0.0.1', reachedAs: 'by-this-name' };
/** An address for documents: no machine has it. */
const NOT_OURS: HostAddress = { listenOn: '203.0.113.1', reachedAs: 'never' };

let folder: string;
let opened: LocalRoleAccess[] = [];
const sessions = new Sessions(() => Buffer.alloc(32));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'smlocal-role-'));
});
afterEach(async () => {
  await Promise.all(opened.map((access) => access.close()));
  opened = [];
  rmSync(folder, { recursive: true });
});

/** As a daemon over this state folder has it. */
function accessBy(...addresses: HostAddress[]): LocalRoleAccess {
  const engine: Partial<ContainerEngine> = { hostAddresses: async () => addresses };
  const access = new LocalRoleAccess({
    ...{ config: configFor('process'), keys: new RoleKeys(folder), sessions, log: createLogger() },
    engine: engine as ContainerEngine,
  });
  access.serveBy(() => createServer((_, response) => response.writeHead(404).end()));
  opened.push(access);
  return access;
}

test('Containers are told the first address that is this machine’s, by the name that they know it by', async () => {
  const variables = await accessBy(NOT_OURS, HERE).environmentFor({ roleArn: ROLE });
  expect(variables.AWS_ENDPOINT_URL).toMatch(/^http:\/\/by-this-name:\d+$/);
  expect(sessions.of(variables.AWS_ACCESS_KEY_ID ?? '', undefined)).toEqual({
    ...{ accountId: '123456789012', roleName: 'Reader', sessionName: 'SageMaker' },
  });
});

test('Where there is no such address they are told nothing, and serve all the same', async () => {
  expect(await accessBy(NOT_OURS).environmentFor({ roleArn: ROLE })).toEqual({});
});

test('The next daemon answers where the last one did, before a container starts, for those that still run', async () => {
  const first = accessBy(HERE);
  const told = await first.environmentFor({ roleArn: ROLE });
  await first.close();
  const next = accessBy(HERE);
  const variants = [{ ExecutionRoleArn: ROLE }];
  await next.reopen([{ deployment: { variants } } as unknown as EndpointRecord]);
  const { status } = await fetch(
    `http://127.0.0.1:${new URL(told.AWS_ENDPOINT_URL ?? '').port}`,
  ).catch(() => ({ status: 'nobody answers' }));
  expect(status).toBe(404);
  expect(await next.environmentFor({ roleArn: ROLE })).toEqual(told);
});

test('A port that another program has taken meanwhile is left to it', async () => {
  const first = accessBy(HERE);
  const told = await first.environmentFor({ roleArn: ROLE });
  const other = await accessBy(HERE).environmentFor({ roleArn: ROLE });
  expect(other.AWS_ENDPOINT_URL).not.toBe(told.AWS_ENDPOINT_URL);
  expect(other.AWS_ENDPOINT_URL).toMatch(/^http/);
});
