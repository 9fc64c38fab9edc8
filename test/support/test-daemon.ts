import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { afterAll, beforeAll, expect } from 'vitest';
import { type Config, DEFAULT_ACCOUNT } from '../../src/config/config.js';
import { STATE_LABEL } from '../../src/containers/labels.js';
import type { Daemon } from '../../src/daemon/daemon.js';
import { startDaemon } from '../../src/daemon/start-daemon.js';
import { StateFolder } from '../../src/daemon/state-folder.js';
import { docker } from '../containers/test-image.js';

export const REGION = 'us-east-1';
export const ACCOUNT = DEFAULT_ACCOUNT;

/** What every SDK is given: smlocal checks no signatures. */
export const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };

export interface TestDaemon {
  readonly stateDir: string;
  readonly daemon: Daemon;
  readonly url: string;
  readonly sagemaker: SageMakerClient;
  readonly runtime: SageMakerRuntimeClient;
  /**
   * Ids of the containers that it has, the stopped ones included; only of one endpoint where one is named. Process ids
   * where it has processes, and those of every endpoint.
   */
  containers(endpointName?: string): Promise<string[]>;
}

/** A daemon on a free port with a state folder of its own, for one test file; afterwards nothing of it may be left. */
export function useDaemon(engine: 'docker' | 'process' = 'docker'): TestDaemon {
  const started: {
    state?: { dir: string; id: string };
    daemon?: Daemon;
    sagemaker?: SageMakerClient;
    runtime?: SageMakerRuntimeClient;
  } = {};

  const containers = (endpointName?: string) => {
    const { dir, id } = present(started.state);
    return engine === 'docker' ? containersOf(id, endpointName) : processesOf(dir);
  };

  beforeAll(async () => {
    const stateDir = await mkdtemp(join(tmpdir(), 'smlocal-state-'));
    started.state = { dir: stateDir, id: new StateFolder(stateDir).id };
    const daemon = await startDaemon({ config: configFor(engine), stateDir });
    started.daemon = daemon;
    await daemon.resume();
    const settings = { endpoint: daemon.url, region: REGION, credentials: CREDENTIALS };
    // Tests say themselves when something is to be tried again.
    started.sagemaker = new SageMakerClient({ ...settings, maxAttempts: 1 });
    started.runtime = new SageMakerRuntimeClient({ ...settings, maxAttempts: 1 });
  });

  afterAll(async () => {
    started.sagemaker?.destroy();
    started.runtime?.destroy();
    await started.daemon?.stop({ force: true });
    await rm(present(started.state).dir, { recursive: true });
    expect(await containers()).toEqual([]);
  });

  return {
    containers,
    get stateDir() {
      return present(started.state).dir;
    },
    get daemon() {
      return present(started.daemon);
    },
    get url() {
      return present(started.daemon).url;
    },
    get sagemaker() {
      return present(started.sagemaker);
    },
    get runtime() {
      return present(started.runtime);
    },
  };
}

/** Ids of the containers that carry a state folder's label. */
export async function containersOf(stateId: string, endpointName?: string): Promise<string[]> {
  const filters = [`label=${STATE_LABEL}=${stateId}`];
  if (endpointName !== undefined) filters.push(`label=smlocal.endpoint=${endpointName}`);
  const flags = filters.flatMap((filter) => ['--filter', filter]);
  const ids = await docker('ps', '--all', '--quiet', '--no-trunc', ...flags);
  return ids.split('\n').filter((id) => id !== '');
}

/** Ids of the processes that were told of a state folder: the ones that serve, their workers and launchers. */
async function processesOf(stateDir: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const environments = pids.map((pid) => readFile(`/proc/${pid}/environ`, 'utf8').catch(() => ''));
  const told = await Promise.all(environments);
  return pids.filter((_, index) => told[index]?.includes(stateDir));
}

/** A config that describes nothing, for a daemon on a free port. */
export function configFor(engine: Config['engine'] = 'docker'): Config {
  return {
    file: undefined,
    host: '127.0.0.1',
    port: 0,
    allowedHosts: [],
    verifySignatures: false,
    accessKeys: {},
    region: REGION,
    accountId: ACCOUNT,
    platform: undefined,
    engine,
    images: {},
    limits: {},
    watch: { ignore: [], polling: false },
    endpoints: [],
  };
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('The daemon is there only while tests run.');
  return value;
}
