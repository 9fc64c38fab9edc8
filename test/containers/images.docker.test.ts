import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { Progress } from '../../src/progress.js';
import { noConnectionsHeld, useDocker } from './docker-fixture.js';
import { type Registry, startRegistry } from './registry.js';
import { BASE_IMAGE, docker, importImage, removeImages } from './test-image.js';

const { engine } = useDocker();
const MEGABYTES = 24;
let registry: Registry;
let made: string[] = [];

beforeAll(async () => {
  registry = await startRegistry();
});

afterEach(async () => {
  await removeImages(...made);
  made = [];
});

afterAll(async () => registry?.stop());

/** A name that no image has yet; whatever gets it is removed after the test. */
function freshName(host = registry.host): string {
  const name = `${host}/smlocal-test-${randomBytes(6).toString('hex')}:v1`;
  made.push(name);
  return name;
}

/** An image that only the registry has. */
async function publish(options?: Parameters<typeof importImage>[1]): Promise<string> {
  const name = freshName();
  await importImage(name, options);
  await docker('push', name);
  await removeImages(name);
  return name;
}

const failureOf = (reference: string, platform?: string) =>
  engine.ensureImage(reference, { platform }).then(
    () => undefined,
    (error: unknown) => error,
  );

test('An image that is here is described without a pull', async () => {
  const name = freshName('smlocal-test');
  const id = await importImage(name, {
    changes: ['LABEL smlocal.test=yes', 'ENV GREETING="a=b c"'],
  });
  const progress = vi.fn();
  expect(await engine.ensureImage(name, { onProgress: progress })).toEqual({
    reference: name,
    id,
    resolved: `${name.replace(':v1', '')}@${id}`,
    labels: { 'smlocal.test': 'yes' },
    environment: { GREETING: 'a=b c' },
    architecture: expect.stringMatching(/^\w+$/),
  });
  expect(await engine.ensureImage(id)).toMatchObject({ id, resolved: `image@${id}` });
  expect(progress).not.toHaveBeenCalled();
});

test('An image is pulled from its registry, and its bytes are counted', async () => {
  const name = await publish({ bytes: MEGABYTES * 1024 * 1024 });
  const seen: Progress[] = [];
  const image = await engine.ensureImage(name, { onProgress: (progress) => seen.push(progress) });
  expect(image.resolved).toMatch(new RegExp(`^${name.replace(':v1', '')}@sha256:[0-9a-f]{64}$`));
  expect(new Set(seen.map(({ activity }) => activity))).toEqual(
    new Set([`pulling ${name}`, `unpacking ${name}`]),
  );
  const counted = seen.filter(({ total }) => (total ?? 0) > MEGABYTES * 1024 * 1024);
  expect(counted.length).toBeGreaterThan(2);
  for (const { done = 0, total = 0 } of counted) expect(done).toBeLessThanOrEqual(total);
  expect(counted.at(-1)).toMatchObject({ done: counted.at(-1)?.total });
  const byDigest = await engine.ensureImage(image.resolved);
  expect(byDigest).toMatchObject({ id: image.id, resolved: image.resolved });
});

test('An image is pulled by its digest', async () => {
  const name = await publish();
  const { resolved } = await engine.ensureImage(name);
  await removeImages(name, resolved);
  made.push(resolved);
  expect(await engine.ensureImage(resolved)).toMatchObject({ reference: resolved, resolved });
  const both = resolved.replace('@', ':v1@');
  expect(await engine.ensureImage(both)).toMatchObject({ reference: both, resolved });
});

test('Two who ask for one image share one pull, and both hear of its progress', async () => {
  const name = await publish({ bytes: MEGABYTES * 1024 * 1024 });
  const repository = name.replace(/^.*\/(.*):v1$/, '$1');
  const before = registry.lookups(repository);
  const first: Progress[] = [];
  const second: Progress[] = [];
  const images = await Promise.all([
    engine.ensureImage(name, { onProgress: (progress) => first.push(progress) }),
    engine.ensureImage(name, { onProgress: (progress) => second.push(progress) }),
  ]);
  expect(images[0]).toEqual(images[1]);
  await vi.waitFor(() => expect(registry.lookups(repository)).toBe(before + 1));
  // Only the pull's very first word can be missed by who came second.
  expect(second.length).toBeGreaterThan(2);
  expect(first.slice(-second.length)).toEqual(second);
});

test('A pull goes on for the others when one gives up, and ends with the last of them', async () => {
  const name = await publish({ bytes: MEGABYTES * 1024 * 1024 });
  const [one, two] = [new AbortController(), new AbortController()];
  const first = engine.ensureImage(name, { signal: one.signal });
  const second = engine.ensureImage(name, { signal: two.signal });
  one.abort(new Error('given up'));
  await expect(first).rejects.toThrow('given up');
  expect(await second).toMatchObject({ reference: name });

  await removeImages(name);
  const third = engine.ensureImage(name, {
    signal: two.signal,
    onProgress: ({ done }) => done && two.abort(new Error('given up too')),
  });
  await expect(third).rejects.toThrow('given up too');
  await noConnectionsHeld();
  expect(await docker('images', '--quiet', name)).toBe('');
});

test('An image that neither this machine nor its registry has is named, with what to type', async () => {
  const name = freshName();
  expect(await failureOf(name)).toMatchObject({
    name: 'SmlocalError',
    message: `The image ${name} was found neither on this machine nor in ${registry.host}.`,
    hint: expect.stringMatching(
      `docker tag YOUR_IMAGE ${name}.*config\\.yml: images: { "${name}": "your-local-image" }`,
    ),
  });
});

test('A tag that its repository lacks is not found', async () => {
  const name = await publish();
  const other = name.replace(':v1', ':v2');
  expect(await failureOf(other)).toMatchObject({
    message: expect.stringContaining('found neither'),
  });
});

test('A registry that does not answer is told from an image that does not exist', async () => {
  const gone = await startRegistry();
  await gone.stop();
  expect(await failureOf(freshName(gone.host))).toMatchObject({
    message: expect.stringMatching(`${gone.host} cannot be reached: .*connection refused`),
    hint: expect.stringContaining('docker tag'),
  });
});

test('An image for another platform is told from one that does not exist', async () => {
  expect(await failureOf(BASE_IMAGE, 'linux/s390x')).toMatchObject({
    message: expect.stringMatching(/on this machine is for linux\/\w+, not for linux\/s390x/),
    hint: expect.stringContaining('--platform linux/s390x'),
  });
  const published = await publish();
  expect(await failureOf(published, 'linux/s390x')).toMatchObject({
    message: expect.stringContaining('linux/s390x'),
    hint: expect.stringContaining('--platform linux/s390x'),
  });
});

test('What cannot be the name of an image is refused before anyone is asked', async () => {
  expect(await failureOf('../containers/json?x=')).toMatchObject({
    message: '"../containers/json?x=" is not the name of a container image.',
  });
});

test('An id that is not here is not looked for in a registry', async () => {
  const id = `sha256:${'0'.repeat(64)}`;
  expect(await failureOf(id)).toMatchObject({ message: `The image ${id} is not on this machine.` });
});
