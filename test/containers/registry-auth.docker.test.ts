import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { useDocker } from './docker-fixture.js';
import { PASSWORD, type Registry, startRegistry, USER } from './registry.js';
import { docker, importImage, removeImages } from './test-image.js';

const { engine } = useDocker();
let registry: Registry;
let folder: string;
let name: string;

beforeAll(async () => {
  registry = await startRegistry({ auth: true });
  folder = await mkdtemp(join(tmpdir(), 'smlocal-docker-config-'));
  name = `${registry.host}/smlocal-test-private:v1`;
  await importImage(name);
  await configure({ auths: { [registry.host]: { auth: base64(`${USER}:${PASSWORD}`) } } });
  await docker('--config', folder, 'push', name);
  await removeImages(name);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await removeImages(name);
});

afterAll(async () => {
  await removeImages(name);
  await registry?.stop();
  await rm(folder, { recursive: true });
});

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** What `docker login` would have left. */
async function configure(config: object): Promise<void> {
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  vi.stubEnv('DOCKER_CONFIG', folder);
}

test('The credentials that docker login left in config.json open a registry', async () => {
  await configure({ auths: { [registry.host]: { auth: base64(`${USER}:${PASSWORD}`) } } });
  expect(await engine.ensureImage(name)).toMatchObject({ reference: name });
});

test('A credential helper is asked, and gets the name of the registry', async () => {
  const helper = join(folder, 'docker-credential-smlocaltest');
  const answer = JSON.stringify({ ServerURL: registry.host, Username: USER, Secret: PASSWORD });
  await writeFile(
    helper,
    `#!/bin/sh\n[ "$1 $(cat)" = "get ${registry.host}" ] && echo '${answer}'\n`,
  );
  await chmod(helper, 0o755);
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`);
  await configure({ credHelpers: { [registry.host]: 'smlocaltest' } });
  expect(await engine.ensureImage(name)).toMatchObject({ reference: name });
  await removeImages(name);
  await configure({ auths: { [registry.host]: {} }, credsStore: 'smlocaltest' });
  expect(await engine.ensureImage(name)).toMatchObject({ reference: name });
});

test.each([
  ['no credentials', {}],
  ['a helper that is not installed', { credsStore: 'nosuchhelper' }],
])('With %s the error says that access is missing, and how to log in', async (_, config) => {
  await configure(config);
  const error = await engine.ensureImage(name).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    name: 'SmlocalError',
    message: expect.stringContaining(`${registry.host} gives no access to it`),
    hint: expect.stringContaining(`docker login ${registry.host}`),
  });
});

test('A wrong password is refused and shows up nowhere', async () => {
  await configure({ auths: { [registry.host]: { auth: base64(`${USER}:wrong-password`) } } });
  const error = await engine.ensureImage(name).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ message: expect.stringContaining('gives no access') });
  const shown = chainOf(error);
  expect(shown).not.toContain('wrong-password');
  expect(shown).not.toContain(base64(`${USER}:wrong-password`));
});

function chainOf(error: unknown): string {
  const { message, stack, hint, cause } = error as Error & { hint?: string };
  return `${message}${stack}${hint}${cause === undefined ? '' : chainOf(cause)}`;
}
