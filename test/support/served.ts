import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { afterAll, beforeAll } from 'vitest';
import type { Artifacts } from '../../src/artifacts/artifacts.js';
import { Backend } from '../../src/hosting/backend.js';
import { NamedRecords, type Records } from '../../src/hosting/records.js';
import { RouteTable } from '../../src/hosting/route-table.js';
import { createLogger } from '../../src/log.js';
import { openAwsServices } from '../../src/services/aws.js';
import { exposition } from '../../src/services/prometheus/exposition.js';
import { UnservedCalls } from '../../src/services/unserved-calls.js';
import type { Collection } from '../../src/state/store.js';
import type { GuardSettings } from '../../src/wire/guard.js';
import { WIRE_LIMITS } from '../../src/wire/limits.js';
import { createSageMakerServer } from '../../src/wire/server.js';
import { ACCOUNT, REGION } from './control-daemon.js';

export interface Served {
  readonly port: number;
  readonly url: string;
  readonly runtime: SageMakerRuntimeClient;
  readonly routes: RouteTable;
  readonly unserved: UnservedCalls;
}

/**
 * The whole server with the endpoint `e` in its route table, its variant `AllTraffic` a server that plays the container.
 * Tests that need another answer change `container.answer`.
 */
export function useServed(
  container: { answer: RequestListener },
  guard: Partial<GuardSettings> = {},
): Served {
  const routes = new RouteTable();
  const unserved = new UnservedCalls();
  const inner = createServer((request, response) => container.answer(request, response));
  const stateDir = mkdtempSync(join(tmpdir(), 'smlocal-served-'));
  const aws = openAwsServices({
    ...{ stateDir, region: REGION, roles: [] },
    ...{
      collection: inMemory,
      mac: (use, text) => createHmac('sha256', 'test').update(`${use}\n${text}`).digest(),
      images: async () => [],
      capacityOf: () => undefined,
      log: createLogger(),
    },
  });
  const outer = createSageMakerServer({
    aws,
    defaults: { region: REGION, accountId: ACCOUNT },
    records: noRecords(),
    artifacts: { exists: async () => false } as Partial<Artifacts> as Artifacts,
    routes,
    saveEndpoint: async () => undefined,
    unserved,
    metricsPage: () => exposition(aws.invocations.totals.families()),
    admin: (_request, response) => response.end('admin'),
    guard: {
      host: '127.0.0.1',
      allowedHosts: [],
      accessKeys: undefined,
      limits: WIRE_LIMITS,
      ...guard,
    },
    log: createLogger(),
  });
  const started: { port?: number; runtime?: SageMakerRuntimeClient; backend?: Backend } = {};

  beforeAll(async () => {
    const address = { host: '127.0.0.1', port: await listening(inner) };
    started.backend = new Backend('container', address);
    routes.set({
      endpointName: 'e',
      deploymentId: 'd',
      variants: [
        {
          variantName: 'AllTraffic',
          weight: 1,
          routingStrategy: 'RANDOM',
          timesOut: true,
          backends: [started.backend],
        },
        {
          variantName: 'Empty',
          weight: 0,
          routingStrategy: 'RANDOM',
          timesOut: true,
          backends: [],
        },
      ],
    });
    started.port = await listening(outer);
    started.runtime = new SageMakerRuntimeClient({
      endpoint: `http://127.0.0.1:${started.port}`,
      region: REGION,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    });
  });

  afterAll(async () => {
    started.runtime?.destroy();
    await started.backend?.close();
    rmSync(stateDir, { recursive: true, force: true });
    for (const server of [outer, inner]) {
      server.close();
      server.closeAllConnections();
    }
  });

  return {
    routes,
    unserved,
    get port() {
      return started.port ?? 0;
    },
    get url() {
      return `http://127.0.0.1:${started.port}`;
    },
    get runtime() {
      return started.runtime ?? fail();
    },
  };
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function noRecords(): Records {
  return {
    models: new NamedRecords(inMemory(), ({ ModelName }) => ModelName),
    endpointConfigs: new NamedRecords(inMemory(), ({ EndpointConfigName }) => EndpointConfigName),
    endpoints: new NamedRecords(inMemory(), ({ EndpointName }) => EndpointName),
  };
}

function inMemory<T>(): Collection<T> {
  return {
    get: () => undefined,
    values: () => [],
    put: async () => undefined,
    delete: async () => undefined,
    watch: () => undefined,
  };
}

function fail(): never {
  throw new Error('The server is there only while tests run.');
}
