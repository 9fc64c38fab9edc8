import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Daemon } from '../../src/daemon/daemon.js';
import { startDaemon } from '../../src/daemon/start-daemon.js';
import { configFor } from '../support/test-daemon.js';

const SECRET = 'hunter2-and-a-half';

let stateDir: string;
let daemon: Daemon | undefined;

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'smlocal-secrets-'));
});
afterEach(async () => {
  await daemon?.stop({ force: true });
  daemon = undefined;
  rmSync(stateDir, { recursive: true });
});

const logFile = () => join(stateDir, 'daemon.log');
const start = async () => {
  daemon = await startDaemon({ config: configFor('process'), stateDir });
  await daemon.resume();
  return daemon;
};

test('The log is its user’s alone to read, also one that was there before', async () => {
  mkdirSync(stateDir, { recursive: true });
  writeFileSync(logFile(), '');
  chmodSync(logFile(), 0o644);
  await start();
  expect(statSync(logFile()).mode & 0o777).toBe(0o600);
});

test('A secret of a model’s environment that its container prints shows neither in FailureReason nor in the log', async () => {
  const { control, events } = await start();
  const Environment = {
    API_TOKEN: SECRET,
    MODE: 'careful-mode',
    SMLOCAL_COMMAND: 'echo "no access with $API_TOKEN in $MODE" >&2; exit 3',
  };
  await control('CreateModel', {
    ModelName: 'leaky',
    PrimaryContainer: { Image: 'any', Environment },
  });
  await control('CreateEndpointConfig', {
    EndpointConfigName: 'leaky',
    ProductionVariants: [
      {
        VariantName: 'v',
        ModelName: 'leaky',
        InstanceType: 'ml.m5.large',
        InitialInstanceCount: 1,
      },
    ],
  });
  const failed = new Promise<string | undefined>((resolve) => {
    events.on('status', ({ status, reason }) => status === 'Failed' && resolve(reason));
  });
  await control('CreateEndpoint', { EndpointName: 'leaky', EndpointConfigName: 'leaky' });
  expect(await failed).toContain('no access with *** in careful-mode');
  const log = readFileSync(logFile(), 'utf8');
  expect(log).toContain('no access with *** in careful-mode');
  expect(log).not.toContain(SECRET);
});
