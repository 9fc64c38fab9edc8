import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { refuseEngineSocket } from '../../src/containers/hardening.js';
import { collect } from './contract.js';
import { useDocker } from './docker-fixture.js';
import { docker } from './test-image.js';

const { engine, labels, run } = useDocker();

test('A container can gain no privilege, use no raw socket, and take no more than its share', async () => {
  const { id } = await run(
    'grep -E "^(NoNewPrivs|CapEff)" /proc/self/status; mknod /tmp/disk b 8 0 || echo refused',
  );
  await engine.waitForExit(id);
  const lines = (await collect(engine.logs(id))).map(({ text }) => text);
  expect(lines).toContain('NoNewPrivs:\t1');
  expect(lines).toContain('refused');
  const [{ HostConfig }] = JSON.parse(await docker('inspect', id));
  expect(HostConfig).toMatchObject({
    Privileged: false,
    PidsLimit: 8192,
    NetworkMode: expect.not.stringMatching('host'),
  });
  expect(HostConfig.Memory).toBeGreaterThan(0);
  expect(HostConfig.Memory).toBeLessThan(totalmem());
});

test('The engine’s socket is shown to nobody, by whatever folder it is asked for', async () => {
  for (const source of ['/var/run', '/run', '/var/run/docker.sock', '/var/run/../run', tmpdir()]) {
    const starting = run('true', { mounts: [{ source, target: '/opt/ml/model' }] });
    await expect(starting).rejects.toThrow(/socket lies in it/);
  }
  expect(await engine.list(labels)).toEqual([]);
});

test('A folder that holds no socket is shown', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'smlocal-hardening-'));
  try {
    const mounts = [{ source: folder, target: '/opt/ml/model' }];
    await refuseEngineSocket(mounts, 'unix:///var/run/docker.sock');
    await expect(refuseEngineSocket(mounts, `unix://${folder}/engine.sock`)).rejects.toThrow();
    await refuseEngineSocket(mounts, 'tcp://127.0.0.1:2375');
  } finally {
    await rm(folder, { recursive: true });
  }
});
