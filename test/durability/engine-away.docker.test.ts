import {
  CreateEndpointCommand,
  DeleteEndpointCommand,
  DescribeEndpointCommand,
} from '@aws-sdk/client-sagemaker';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { DaemonStatus } from '../../src/daemon/status.js';
import { docker, removeImages } from '../containers/test-image.js';
import { ask, makeEchoImage, serve } from '../support/echo.js';
import { createConfig } from '../support/endpoints.js';
import { EngineGate } from '../support/engine-gate.js';
import { Killable } from '../support/killable.js';
import { settled } from '../support/settled.js';

/* The engine goes away for one daemon and comes back: its socket is the tests' own, and the real engine is behind it. */

const IMAGE = 'smlocal-test/engine-away:1';
const WITHIN = { timeout: 30_000, interval: 50 };

let gate: EngineGate;
let daemon: Killable;

beforeAll(() => makeEchoImage(IMAGE));
afterAll(() => removeImages(IMAGE));

beforeEach(async () => {
  gate = await EngineGate.open();
  daemon = new Killable({ DOCKER_HOST: gate.url });
  await daemon.start();
});
afterEach(async () => {
  await daemon.dispose();
  await gate.dispose();
});

const statusOf = async (name: string) =>
  (await daemon.sagemaker.send(new DescribeEndpointCommand({ EndpointName: name }))).EndpointStatus;

const create = async (name: string) => {
  await createConfig(daemon, name, { Image: IMAGE, Environment: { VERSION: '1' } });
  await daemon.sagemaker.send(
    new CreateEndpointCommand({ EndpointName: name, EndpointConfigName: name }),
  );
};

const engine = async (): Promise<DaemonStatus['engine']> =>
  JSON.parse((await daemon.smlocal('status', '--json')).stdout).engine;

test("While the engine's socket is gone what serves goes on, and what needs it waits and says so", async () => {
  await serve(daemon, 'stays', { Image: IMAGE });
  await serve(daemon, 'goes', { Image: IMAGE });
  const [stays] = await daemon.containers('stays');

  await gate.close();
  expect(await ask(daemon, 'stays', 'a')).toBe('1:a');
  await create('comes');
  await daemon.sagemaker.send(new DeleteEndpointCommand({ EndpointName: 'goes' }));
  await daemon.printed('Waiting for a container engine');
  expect(await engine()).toEqual({
    answers: false,
    description: expect.stringContaining(`No Docker engine is running at ${gate.url}.`),
  });
  expect(await ask(daemon, 'stays', 'b')).toBe('1:b');
  expect(await statusOf('comes')).toBe('Creating');
  expect(await statusOf('goes')).toBe('Deleting');

  await gate.open();
  expect(await settled(daemon.sagemaker, 'comes')).toMatchObject({ EndpointStatus: 'InService' });
  expect(await settled(daemon.sagemaker, 'goes')).toBeUndefined();
  expect(await ask(daemon, 'comes', 'c')).toBe('1:c');
  expect(await daemon.containers('stays')).toEqual([stays]);
  await vi.waitFor(async () => expect(await engine()).toMatchObject({ answers: true }), WITHIN);
});

test('Containers that ended with the engine are started again when it is back', async () => {
  await serve(daemon, 'e', { Image: IMAGE }, { InitialInstanceCount: 2 });
  const before = await daemon.containers();
  await gate.close();
  await docker('kill', ...before);
  await gate.open();
  await vi.waitFor(async () => {
    const running = await daemon.containers();
    expect(running).toHaveLength(2);
    expect(running.filter((id) => before.includes(id))).toEqual([]);
  }, WITHIN);
  await vi.waitFor(async () => expect(await ask(daemon, 'e', 'x')).toBe('1:x'), WITHIN);
  expect(await statusOf('e')).toBe('InService');
});

test('A container that ends after the engine let go of us is still noticed', async () => {
  await serve(daemon, 'e', { Image: IMAGE });
  const [before = ''] = await daemon.containers();
  gate.cut();
  await docker('kill', before);
  await vi.waitFor(async () => expect(await ask(daemon, 'e', 'x')).toBe('1:x'), WITHIN);
  expect(await daemon.containers()).not.toContain(before);
});

test('An engine that hangs is one that is away, and holds up neither answers nor traffic', async () => {
  await serve(daemon, 'e', { Image: IMAGE });
  gate.hang();
  expect(await ask(daemon, 'e', 'x')).toBe('1:x');
  await create('comes');
  // The last word may be a second old.
  await vi.waitFor(async () => expect(await engine()).toMatchObject({ answers: false }), WITHIN);
  expect(await statusOf('comes')).toBe('Creating');
  await gate.open();
  expect(await settled(daemon.sagemaker, 'comes')).toMatchObject({ EndpointStatus: 'InService' });
});

test.each(['docker', 'auto'])(
  'A daemon that starts before its engine waits for it, and adopts what runs: --engine %s',
  async (choice) => {
    await daemon.dispose();
    daemon = new Killable({ DOCKER_HOST: gate.url }, [
      '--port',
      '0',
      '--engine',
      choice,
      '--no-watch',
    ]);
    await daemon.start();
    await serve(daemon, 'e', { Image: IMAGE });
    const before = await daemon.containers();
    await daemon.kill();
    await gate.close();
    await daemon.start();
    await daemon.printed('Waiting for a container engine');
    expect(await statusOf('e')).toBe('Creating');
    await gate.open();
    await daemon.printed('e: InService');
    expect(await ask(daemon, 'e', 'x')).toBe('1:x');
    expect(await daemon.containers()).toEqual(before);
  },
);
