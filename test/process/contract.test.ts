import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect } from 'vitest';
import { STATE_LABEL } from '../../src/containers/labels.js';
import { ProcessEngine } from '../../src/containers/process/process-engine.js';
import { createLogger } from '../../src/log.js';
import { type EngineFixture, testContract } from '../containers/contract.js';

/* What containers are held to, held to processes; a server of the user's own stands for the image's. */

const stateDir = mkdtempSync(join(tmpdir(), 'smlocal-processes-'));
const engine = new ProcessEngine({ stateDir, log: createLogger() });
const labels = { [STATE_LABEL]: `test-${randomBytes(6).toString('hex')}` };

afterEach(async () => {
  await Promise.all((await engine.list(labels)).map(({ id }) => engine.remove(id)));
  expect(await engine.list({})).toEqual([]);
});
afterAll(() => rmSync(stateDir, { recursive: true }));

const run: EngineFixture['run'] = (script, { environment, ...changes } = {}) =>
  engine.start({
    name: `smlocal-${randomBytes(4).toString('hex')}`,
    image: 'any',
    command: ['serve'],
    environment: { ...environment, SMLOCAL_COMMAND: 'sh -c "$SCRIPT"', SCRIPT: script },
    mounts: [],
    labels,
    containerPort: 8080,
    ...changes,
  });

testContract({ engine, labels, run });
