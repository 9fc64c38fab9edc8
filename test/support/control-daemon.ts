import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { afterAll, beforeAll, expect, vi } from 'vitest';
import { type Config, DEFAULT_ACCOUNT } from '../../src/config/config.js';
import { loadConfig } from '../../src/config/load.js';
import type { Daemon } from '../../src/daemon/daemon.js';
import { startDaemon } from '../../src/daemon/start-daemon.js';
import { StateFolder } from '../../src/daemon/state-folder.js';
import { openRecords, type Records } from '../../src/hosting/records.js';
import { createLogger } from '../../src/log.js';
import { openCollection } from '../../src/state/store.js';

export const REGION = 'eu-west-1';
export const ACCOUNT = DEFAULT_ACCOUNT;

/** Start of the ARNs of whatever a test makes. */
export const ARN = `arn:aws:sagemaker:${REGION}:${ACCOUNT}`;

const NO_ENGINE = 'unix:///nowhere/docker.sock';

export interface ControlDaemon {
  readonly daemon: Daemon;
  readonly url: string;
  readonly sagemaker: SageMakerClient;
  readonly runtime: SageMakerRuntimeClient;
}

/**
 * A daemon with no container engine, for what needs no container: an endpoint that is created fails soon after. Records
 * that `place` puts in the state folder are there when it starts; it does not resume them, so they stay as they are.
 */
export function useControlDaemon(
  place: (records: Records) => Promise<void> = async () => undefined,
): ControlDaemon {
  const stateDir = mkdtempSync(join(tmpdir(), 'smlocal-control-'));
  const started: {
    daemon?: Daemon;
    sagemaker?: SageMakerClient;
    runtime?: SageMakerRuntimeClient;
  } = {};

  beforeAll(async () => {
    vi.stubEnv('DOCKER_HOST', NO_ENGINE);
    const folder = new StateFolder(stateDir);
    await place(
      openRecords((name) =>
        openCollection({ directory: folder.records(name), log: createLogger() }),
      ),
    );
    started.daemon = await startDaemon({ config: emptyConfig(stateDir), stateDir });
    const settings = {
      endpoint: started.daemon.url,
      region: REGION,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    };
    started.sagemaker = new SageMakerClient(settings);
    started.runtime = new SageMakerRuntimeClient(settings);
  });

  afterAll(async () => {
    started.sagemaker?.destroy();
    started.runtime?.destroy();
    await started.daemon?.stop({ force: true });
    vi.unstubAllEnvs();
    rmSync(stateDir, { recursive: true });
  });

  return {
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

/** What a config.yml that says nothing but the port comes to. */
function emptyConfig(folder: string): Config {
  const file = join(folder, 'config.yml');
  writeFileSync(file, '{}');
  return { ...loadConfig(file, { AWS_REGION: REGION }), port: 0, engine: 'docker' };
}

/** What a call is refused with: its code, its status and its exact text. */
export async function refusal(call: Promise<unknown>) {
  const error = await call.then(
    () => expect.fail('The call was not refused.'),
    (thrown: unknown) => thrown as SdkError,
  );
  return { code: error.name, status: error.$metadata?.httpStatusCode, message: error.message };
}

interface SdkError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** How the control plane refuses: always this code. */
export const invalid = (message: string) => ({ code: 'ValidationException', status: 400, message });

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('The daemon is there only while tests run.');
  return value;
}
