import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DescribeEndpointCommand, UpdateEndpointCommand } from '@aws-sdk/client-sagemaker';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { ENDPOINT_LABEL, STATE_LABEL } from '../../src/containers/labels.js';
import { BASE_IMAGE, docker, removeImages } from '../containers/test-image.js';
import { ask, makeEchoImage, serve } from '../support/echo.js';
import { createConfig } from '../support/endpoints.js';
import { Killable } from '../support/killable.js';

/* What a daemon finds when the one before it was killed. */

const IMAGE = 'smlocal-test/adopted:1';
/** Serves as soon as there is a file `go` in its model. */
const PATIENT = 'smlocal-test/patient:1';

let daemon: Killable;

beforeAll(async () => {
  await makeEchoImage(IMAGE);
  await makeEchoImage(PATIENT, 'select undef, undef, undef, 0.02 until -e "/opt/ml/model/go";');
});
afterAll(() => removeImages(IMAGE, PATIENT));

beforeEach(async () => {
  daemon = new Killable();
  await daemon.start();
});
afterEach(() => daemon.dispose());

const describe = (EndpointName: string) =>
  daemon.sagemaker.send(new DescribeEndpointCommand({ EndpointName }));

test('What runs is adopted as it is: the same containers, in service all the while, and no call is lost once it listens', async () => {
  await serve(daemon, 'one', { Image: IMAGE }, { InitialInstanceCount: 2 });
  await serve(daemon, 'two', { Image: IMAGE });
  const before = await daemon.containers();
  const { LastModifiedTime } = await describe('one');
  await daemon.kill();

  await daemon.start();
  const calls = Array.from({ length: 40 }, (_, index) =>
    ask(daemon, index % 2 ? 'one' : 'two', `${index}`),
  );
  expect(await describe('one')).toMatchObject({ EndpointStatus: 'InService', LastModifiedTime });
  expect(await Promise.all(calls)).toEqual(calls.map((_, index) => `1:${index}`));
  await daemon.printed('one: InService');
  await daemon.printed('two: InService');
  expect(await daemon.containers()).toEqual(before);
  expect(daemon.output).not.toMatch(/Creating|starting/);
});

test('Killed in the middle of an update, what served before serves on until the new has come up', async () => {
  await serve(daemon, 'e', { Image: IMAGE });
  const [old = ''] = await daemon.containers();
  const model = join(daemon.folder, 'model');
  await mkdir(model);
  await createConfig(daemon, 'new', {
    Image: PATIENT,
    ModelDataUrl: pathToFileURL(`${model}/`).href,
    Environment: { VERSION: '2' },
  });
  const update = new UpdateEndpointCommand({ EndpointName: 'e', EndpointConfigName: 'new' });
  await daemon.sagemaker.send(update);
  await vi.waitFor(async () => expect(await daemon.containers()).toHaveLength(2), 20_000);
  const both = await daemon.containers();
  await daemon.kill();

  await daemon.start();
  expect(await ask(daemon, 'e', 'x')).toBe('1:x');
  expect(await describe('e')).toMatchObject({
    EndpointStatus: 'Updating',
    EndpointConfigName: 'e',
  });
  await writeFile(join(model, 'go'), '');
  await daemon.printed('e: InService');
  expect(await ask(daemon, 'e', 'x')).toBe('2:x');
  const rest = both.filter((id) => id !== old);
  await vi.waitFor(async () => expect(await daemon.containers()).toEqual(rest), 20_000);
});

test('What nobody knows of the state folder is removed, and what is not of it is left alone', async () => {
  await daemon.kill();
  const labels = (state: string) => [
    ...['--label', `${STATE_LABEL}=${state}`],
    ...['--label', `${ENDPOINT_LABEL}=unknown`],
  ];
  const run = (...flags: string[]) =>
    docker(
      'run',
      '--detach',
      '--stop-signal',
      'KILL',
      ...flags,
      BASE_IMAGE,
      'tail',
      '-f',
      '/dev/null',
    );
  await run(...labels(daemon.state.id));
  const others = await Promise.all([run(...labels(`${daemon.state.id}0`)), run()]);
  try {
    await daemon.start();
    await vi.waitFor(async () => expect(await daemon.containers()).toEqual([]), 20_000);
    const running = await docker('ps', '--quiet', '--no-trunc');
    for (const id of others) expect(running).toContain(id);
  } finally {
    await docker('rm', '--force', ...others);
  }
});
