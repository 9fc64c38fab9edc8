import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import type { ContainerEngine } from '../../src/containers/engine.js';
import { containerLabels } from '../../src/containers/labels.js';
import { ProcessEngine } from '../../src/containers/process/process-engine.js';
import { LogCollector } from '../../src/daemon/log-collector.js';
import { HostingEvents } from '../../src/hosting/events.js';
import { createLogger } from '../../src/log.js';
import { MetricStore } from '../../src/services/cloudwatch/metric-store.js';
import { PrintedMetrics } from '../../src/services/cloudwatch/printed-metrics.js';
import { LogStore } from '../../src/services/logs/log-store.js';

const folder = mkdtempSync(join(tmpdir(), 'smlocal-collector-'));
const log = createLogger();
const engine = new ProcessEngine({ stateDir: folder, log });
const stateId = randomBytes(6).toString('hex');
const printed = join(folder, 'printed');
const print = (...lines: string[]) =>
  appendFileSync(printed, lines.map((line) => `${line}\n`).join(''));

afterAll(() => rmSync(folder, { recursive: true }));

/** A collector of its own over what is on the disk, as a daemon that starts has. */
function collector(from: ContainerEngine = engine) {
  const logs = new LogStore(join(folder, 'logs'), log);
  const events = new HostingEvents();
  const printed = new PrintedMetrics(new MetricStore());
  return {
    logs,
    events,
    it: new LogCollector({ engine: from, events, stateId, logs, printed, log }),
  };
}

/** The engine, whose output of what runs ends twice as if it were all: so it does when an engine is started again. */
function breakingOff(): ContainerEngine {
  let left = 2;
  const part: Partial<ContainerEngine> = {
    list: (labels) => engine.list(labels),
    async *logs(...args: Parameters<ContainerEngine['logs']>) {
      left -= 1;
      let most = left >= 0 ? 2 : Number.POSITIVE_INFINITY;
      for await (const lines of engine.logs(...args)) {
        yield lines.slice(0, most);
        most -= lines.length;
        if (most <= 0) return;
      }
    },
  };
  return part as ContainerEngine;
}

async function messages(logs: LogStore) {
  const group = await logs.group('/aws/sagemaker/Endpoints/e');
  const all = await Promise.all([...(group?.streams.values() ?? [])].map((one) => one.events()));
  return all.flat().map(({ message }) => message);
}

test('A container’s lines are kept once each, though its output breaks off and is read from the beginning again', async () => {
  print('one', 'two', 'three');
  const first = collector();
  first.it.start();
  const container = await engine.start({
    name: `smlocal-${stateId}`,
    image: 'any',
    command: ['serve'],
    environment: { SMLOCAL_COMMAND: 'tail -f -n +1 "$PRINTED"', PRINTED: printed },
    mounts: [],
    labels: containerLabels({
      ...{ stateId, endpointName: 'e', variantName: 'AllTraffic' },
      ...{ deploymentId: 'd', instance: 0 },
    }),
    containerPort: 8080,
  });
  first.events.emit('step', { endpointName: 'e', text: 'starting' });
  await vi.waitFor(async () => expect(await messages(first.logs)).toHaveLength(3));
  const group = await first.logs.group('/aws/sagemaker/Endpoints/e');
  expect([...(group?.streams.keys() ?? [])]).toEqual([
    expect.stringMatching(/^AllTraffic\/i-0[0-9a-f]{16}$/),
  ]);
  await first.it.close();
  print('four', 'five');
  const second = collector(breakingOff());
  second.it.start();
  const all = ['one', 'two', 'three', 'four', 'five'];
  await vi.waitFor(async () => {
    second.events.emit('step', { endpointName: 'e', text: 'looking' });
    expect(await messages(second.logs)).toEqual(all);
  });
  print('six');
  await vi.waitFor(async () => expect(await messages(second.logs)).toEqual([...all, 'six']));
  await engine.remove(container.id);
  await second.it.close();
  expect(await messages(new LogStore(join(folder, 'logs'), log))).toEqual([...all, 'six']);
});
