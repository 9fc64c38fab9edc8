import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeEngine } from '../../src/containers/describe.js';
import { createDockerEngine } from '../../src/containers/docker.js';
import { createEngineClient } from '../../src/containers/engine-client.js';
import { connectionOptions, findEngineUrl } from '../../src/containers/engine-endpoint.js';
import { noEngine } from '../../src/containers/engine-errors.js';
import { ExitCode } from '../../src/errors.js';
import { createLogger } from '../../src/log.js';

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'smlocal-home-'));
});

afterEach(async () => rm(home, { recursive: true }));

async function write(path: string, content: object): Promise<void> {
  await mkdir(dirname(join(home, path)), { recursive: true });
  await writeFile(join(home, path), JSON.stringify(content));
}

async function writeContext(name: string, host: string): Promise<void> {
  const id = createHash('sha256').update(name).digest('hex');
  await write(`.docker/contexts/meta/${id}/meta.json`, { Endpoints: { docker: { Host: host } } });
}

test('DOCKER_HOST comes before the current context', async () => {
  await write('.docker/config.json', { currentContext: 'colima' });
  await writeContext('colima', 'unix:///colima.sock');
  const env = { DOCKER_HOST: 'unix:///named.sock' };
  expect(await findEngineUrl(undefined, { env, home })).toBe('unix:///named.sock');
  expect(await findEngineUrl('unix:///given.sock', { env, home })).toBe('unix:///given.sock');
});

test('A host and port without a scheme are TCP', async () => {
  const env = { DOCKER_HOST: 'localhost:2375' };
  expect(await findEngineUrl(undefined, { env, home })).toBe('tcp://localhost:2375');
});

test('The current context of the docker command names the engine', async () => {
  await write('.docker/config.json', { currentContext: 'colima' });
  await writeContext('colima', 'unix:///colima.sock');
  await writeContext('other', 'unix:///other.sock');
  expect(await findEngineUrl(undefined, { env: {}, home })).toBe('unix:///colima.sock');
  const env = { DOCKER_CONTEXT: 'other' };
  expect(await findEngineUrl(undefined, { env, home })).toBe('unix:///other.sock');
});

test('The settings may be in the folder that DOCKER_CONFIG names', async () => {
  await write('.docker/config.json', { currentContext: 'colima' });
  await writeContext('colima', 'unix:///colima.sock');
  const around = { env: { DOCKER_CONFIG: join(home, '.docker') }, home: '/nonexistent' };
  expect(await findEngineUrl(undefined, around)).toBe('unix:///colima.sock');
});

test.each(['default', 'gone'])(
  'With the context %s a socket of this machine is taken',
  async (name) => {
    await write('.docker/config.json', { currentContext: name });
    expect(await findEngineUrl(undefined, { env: {}, home })).toMatch(/^(unix|npipe):/);
  },
);

test('Sockets and local ports become connection options', () => {
  expect(connectionOptions('unix:///x.sock')).toEqual({ socketPath: '/x.sock', host: undefined });
  const plain = { host: 'localhost', port: 2375, protocol: 'http' };
  expect(connectionOptions('tcp://localhost:2375')).toEqual(plain);
  expect(connectionOptions('tcp://127.0.0.1:2376')).toMatchObject({ protocol: 'https' });
});

test.each(['ssh://me@build-server', 'tcp://10.1.2.3:2375', 'fd://', 'nonsense'])(
  'The engine at %s is refused, because it can neither mount our files nor publish to us',
  (url) => {
    expect(() => connectionOptions(url)).toThrow(`The Docker engine at ${url} cannot be used`);
  },
);

test('A socket that one may not use is told from an engine that does not run', () => {
  const refused = noEngine('unix:///x.sock', 'EACCES');
  expect(refused.hint).toContain('usermod -aG docker');
  expect(noEngine('unix:///x.sock', 'ENOENT').hint).not.toContain('usermod');
});

test('An engine that takes connections and says nothing is no engine', async () => {
  const path = join(home, 'engine.sock');
  const server = createServer();
  const closed = new Promise<void>((resolve) => {
    server.on('connection', (socket) => socket.resume().once('close', resolve));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  await expect(
    describeEngine(createEngineClient(`unix://${path}`), undefined, 100),
  ).rejects.toMatchObject({
    exitCode: ExitCode.noEngine,
    message: `The Docker engine at unix://${path} does not answer.`,
  });
  await closed;
  await new Promise((resolve) => server.close(resolve));
});

test('An engine that closes its connections is no engine', async () => {
  const path = join(home, 'engine.sock');
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const engine = createDockerEngine({ log: createLogger(), dockerHost: `unix://${path}` });
  await expect(engine.list({})).rejects.toMatchObject({
    exitCode: ExitCode.noEngine,
    message: `The Docker engine at unix://${path} closed the connection.`,
  });
  await new Promise((resolve) => server.close(resolve));
});
