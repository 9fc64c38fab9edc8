import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createArtifacts } from '../../src/artifacts/artifacts.js';
import { containerLabels } from '../../src/containers/labels.js';
import { bringUp } from '../../src/hosting/bring-up.js';
import { NO_EXTRAS } from '../../src/hosting/container-extras.js';
import { NO_ROLE_ACCESS } from '../../src/hosting/role-access.js';
import { createLogger } from '../../src/log.js';
import { useDocker } from '../containers/docker-fixture.js';
import { removeImages } from '../containers/test-image.js';
import { makeScriptImage } from '../support/script-image.js';

/** Over the API the time-out is at least a minute, so this is one floor below. */
const { engine, labels } = useDocker();
const NEVER_READY = 'smlocal-test/never-ready:1';
let stateDir: string;

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'smlocal-state-'));
  await makeScriptImage(
    NEVER_READY,
    'trap "exit 0" TERM; echo "still loading"; while :; do sleep 0.05; done',
  );
});

afterAll(async () => {
  await removeImages(NEVER_READY);
  await rm(stateDir, { recursive: true });
});

test("A container that never answers /ping fails after the variant's own start-up time-out, and is stopped", async () => {
  const stateId = String(labels['smlocal.state']);
  const log = createLogger();
  const deploymentId = randomBytes(5).toString('hex');
  const key = { deploymentId, variantName: 'slow', instance: 0 };
  const began = performance.now();
  const coming = bringUp(
    {
      engine,
      artifacts: createArtifacts({ stateDir, log }),
      settings: { stateId, images: {}, platform: undefined },
      extras: NO_EXTRAS,
      roleAccess: NO_ROLE_ACCESS,
    },
    {
      endpointName: 'slow',
      region: 'us-east-1',
      key,
      wanted: {
        variant: { VariantName: 'slow', ContainerStartupHealthCheckTimeoutInSeconds: 2 },
        container: { Image: NEVER_READY },
        instanceCount: 1,
        weight: 1,
      },
      signal: new AbortController().signal,
      onProgress: () => {},
    },
  );
  await expect(coming).rejects.toThrow(
    /production variant slow did not pass the ping health check.*No 200 from \/ping in 2 s .*still loading/s,
  );
  expect(performance.now() - began).toBeGreaterThan(2_000);
  const containers = await engine.list(containerLabels({ stateId, endpointName: 'slow', ...key }));
  expect(containers.map(({ running }) => running)).toEqual([false]);
});
