import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ContainerDefinition, CreateModelCommand } from '@aws-sdk/client-sagemaker';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { docker, removeImages } from '../containers/test-image.js';
import {
  containerOf,
  createConfig,
  createEndpoint,
  deleteEndpoint,
  invoke,
  updateEndpoint,
} from '../support/endpoints.js';
import { filesUnder } from '../support/files.js';
import { FLASK, PYTORCH, unpackInto } from '../support/fixtures.js';
import { makeScriptImage } from '../support/script-image.js';
import { useDaemon } from '../support/test-daemon.js';

const server = useDaemon();

/** Where the tests keep what is the user's. */
let folder: string;

const EXITS_AT_ONCE = 'smlocal-test/exits-at-once:1';
/** No registry listens there. */
const MISSING = '127.0.0.1:1/smlocal/missing:1';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'smlocal-user-'));
  await makeScriptImage(
    EXITS_AT_ONCE,
    'echo "reading the weights"; echo "out of luck" >&2; exit 3',
  );
});

afterAll(async () => {
  await removeImages(EXITS_AT_ONCE);
  await rm(folder, { recursive: true });
});

test('An image that cannot be had fails the endpoint, named, with what to type', async () => {
  await createConfig(server, 'no-image', { Image: MISSING });
  const endpoint = await createEndpoint(server, 'no-image', 'no-image');
  expect(endpoint?.EndpointStatus).toBe('Failed');
  expect(endpoint?.FailureReason).toContain(`The image ${MISSING} is not on this machine`);
  expect(endpoint?.FailureReason).toContain(`docker build -t ${MISSING} .`);
  await expect(invoke(server.runtime, 'no-image', FLASK.good)).rejects.toMatchObject({
    name: 'ValidationError',
  });
});

test.each(['file:///nowhere/model.tar.gz', 's3://nowhere/model.tar.gz'])(
  'CreateModel refuses model data that is missing: %s',
  async (ModelDataUrl) => {
    const command = new CreateModelCommand({
      ModelName: 'no-data',
      PrimaryContainer: { Image: FLASK.image, ModelDataUrl },
    });
    await expect(server.sagemaker.send(command)).rejects.toMatchObject({
      name: 'ValidationException',
      message: `Could not find model data at ${ModelDataUrl}.`,
    });
  },
);

test('An archive that was cut short fails the endpoint, and leaves nothing in the cache', async () => {
  const archive = join(folder, 'short.tar.gz');
  await writeFile(archive, (await readFile(FLASK.archive)).subarray(0, 30_000));
  const ModelDataUrl = pathToFileURL(archive).href;
  await createConfig(server, 'short', { Image: FLASK.image, ModelDataUrl });
  const endpoint = await createEndpoint(server, 'short', 'short');
  expect(endpoint?.EndpointStatus).toBe('Failed');
  expect(endpoint?.FailureReason).toContain(`from URL: "${ModelDataUrl}"`);
  expect(endpoint?.FailureReason).toContain('it is cut short');
  const models = join(server.stateDir, 'cache', 'models');
  expect(await readdir(models).catch(() => [])).toEqual([]);
});

test('A container that exits at once fails the endpoint at once, with its last words', async () => {
  await createConfig(server, 'exits', { Image: EXITS_AT_ONCE });
  const endpoint = await createEndpoint(server, 'exits', 'exits');
  expect(endpoint?.EndpointStatus).toBe('Failed');
  expect(endpoint?.FailureReason).toMatch(/^CannotStartContainerError\. .*variant AllTraffic /);
  expect(endpoint?.FailureReason).toContain('The container exited with code 3.');
  // One went to each stream; the engine does not keep the order between the two.
  const words = endpoint?.FailureReason?.split('Last log lines: ')[1]?.split('\n').sort();
  expect(words).toEqual(['out of luck', 'reading the weights']);
  // Kept for its log, stopped.
  const [container = ''] = await server.containers('exits');
  const ended = await docker('inspect', '--format', '{{.State.FinishedAt}}', container);
  // Long before any time-out, however slow the machine.
  expect(Number(endpoint?.LastModifiedTime) - Date.parse(ended)).toBeLessThan(15_000);
});

test('A failed endpoint is only good for being deleted, after which its name is free', async () => {
  await createConfig(server, 'again-bad', { Image: EXITS_AT_ONCE });
  await createConfig(server, 'again-good', containerOf(FLASK));
  await createEndpoint(server, 'again', 'again-bad');
  await expect(updateEndpoint(server, 'again', 'again-good')).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringMatching(/^Cannot update endpoint "arn:.*\/again" in status Failed\.$/),
  });
  await expect(createEndpoint(server, 'again', 'again-good')).rejects.toThrow(
    'Cannot create already existing endpoint',
  );
  expect(await deleteEndpoint(server, 'again')).toBeUndefined();
  expect(await server.containers('again')).toEqual([]);
  const endpoint = await createEndpoint(server, 'again', 'again-good');
  expect(endpoint).toMatchObject({ EndpointStatus: 'InService' });
  expect(endpoint).not.toHaveProperty('FailureReason');
  expect((await invoke(server.runtime, 'again', FLASK.good)).body).toContain('Raccoon City');
});

test('An update that fails leaves the old serving, in service, and says why until one succeeds', async () => {
  await createConfig(server, 'update-old', containerOf(FLASK), { VariantName: 'old' });
  await createConfig(server, 'update-bad', { Image: EXITS_AT_ONCE }, { VariantName: 'bad' });
  await createConfig(server, 'update-new', containerOf(FLASK), { VariantName: 'new' });
  await createEndpoint(server, 'update', 'update-old');
  const [old] = await server.containers('update');

  const failed = await updateEndpoint(server, 'update', 'update-bad');
  expect(failed).toMatchObject({
    EndpointStatus: 'InService',
    EndpointConfigName: 'update-old',
    FailureReason: expect.stringContaining('out of luck'),
  });
  expect((await invoke(server.runtime, 'update', FLASK.good)).variant).toBe('old');
  await vi.waitFor(async () => expect(await server.containers('update')).toEqual([old]), 10_000);

  const updated = await updateEndpoint(server, 'update', 'update-new');
  expect(updated).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName: 'update-new' });
  expect(updated).not.toHaveProperty('FailureReason');
  expect((await invoke(server.runtime, 'update', FLASK.good)).variant).toBe('new');
});

test('A container that is killed from outside is replaced, and the endpoint answers again', async () => {
  await createConfig(server, 'killed', containerOf(FLASK));
  await createEndpoint(server, 'killed', 'killed');
  const [killed = ''] = await server.containers('killed');
  await docker('kill', killed);
  await vi.waitFor(
    async () => {
      const { body } = await invoke(server.runtime, 'killed', FLASK.good);
      expect(body).toContain('Raccoon City');
    },
    { timeout: 20_000, interval: 50 },
  );
  const containers = await server.containers('killed');
  expect(containers).toHaveLength(1);
  expect(containers).not.toContain(killed);
});

test('A container that is removed from outside is replaced as well', async () => {
  await createConfig(server, 'removed', containerOf(FLASK));
  await createEndpoint(server, 'removed', 'removed');
  const [removed = ''] = await server.containers('removed');
  await docker('rm', '--force', removed);
  await vi.waitFor(() => invoke(server.runtime, 'removed', FLASK.good), {
    timeout: 20_000,
    interval: 50,
  });
  expect(await server.containers('removed')).not.toContain(removed);
});

test('A model and a handler folder of the user are shown read-only, and nothing is written to them', async () => {
  const model = await unpackInto(join(folder, 'model'), PYTORCH);
  const source = join(folder, 'my-code');
  await cp(join(model, 'code'), source, { recursive: true });
  await rm(join(model, 'code'), { recursive: true });
  const before = { model: await filesUnder(model), source: await filesUnder(source) };
  const container: ContainerDefinition = {
    ...containerOf(PYTORCH),
    ModelDataUrl: pathToFileURL(model).href,
    Environment: {
      ...PYTORCH.environment,
      SAGEMAKER_SUBMIT_DIRECTORY: pathToFileURL(source).href,
    },
  };
  await createConfig(server, 'folders', container);
  await createEndpoint(server, 'folders', 'folders');
  expect((await invoke(server.runtime, 'folders', PYTORCH.good)).body).toContain('"Sports"');

  const [id = ''] = await server.containers('folders');
  const shell = (script: string) => docker('exec', id, 'sh', '-c', script);
  expect(await shell('ls /opt/ml/model')).toBe('classes.json\ncode\nmodel.pth\nvocabulary.json');
  expect(await shell('ls /opt/ml/model/code')).toBe('inference.py\nnetwork.py');
  for (const place of ['/opt/ml/model', '/opt/ml/model/code', '/opt/ml/model/classes.json'])
    await expect(shell(`touch ${place}/new || echo x >> ${place}`)).rejects.toThrow(
      /Read-only|Permission denied/,
    );
  await deleteEndpoint(server, 'folders');
  expect({ model: await filesUnder(model), source: await filesUnder(source) }).toEqual(before);
});

test('Every file of the state folder belongs to the user, an unpacked archive as well', async () => {
  await createConfig(server, 'owned', containerOf(FLASK));
  await createEndpoint(server, 'owned', 'owned');
  const files = await filesUnder(server.stateDir);
  expect(files.map(({ path }) => path)).toContainEqual(expect.stringMatching(/tagger\.json$/));
  expect(new Set(files.map(({ owner }) => owner))).toEqual(new Set([BigInt(userInfo().uid)]));
});

test("A handler that cannot load in AWS's PyTorch container comes into service, for TorchServe calls itself healthy; to invoke it is a ModelError", async () => {
  const model = await unpackInto(join(folder, 'raises'), PYTORCH);
  await mkdir(join(folder, 'raising-code'));
  const source = join(folder, 'raising-code');
  await writeFile(
    join(source, 'inference.py'),
    'def model_fn(model_dir):\n    raise RuntimeError("the weights are cursed")\n',
  );
  await createConfig(server, 'raises', {
    ...containerOf(PYTORCH),
    ModelDataUrl: pathToFileURL(model).href,
    Environment: {
      ...PYTORCH.environment,
      SAGEMAKER_SUBMIT_DIRECTORY: pathToFileURL(source).href,
    },
  });
  const endpoint = await createEndpoint(server, 'raises', 'raises');
  expect(endpoint?.EndpointStatus).toBe('InService');
  await expect(invoke(server.runtime, 'raises', PYTORCH.good)).rejects.toMatchObject({
    name: 'ModelError',
    OriginalStatusCode: 500,
    OriginalMessage: expect.stringContaining('Worker died'),
  });
  const [id = ''] = await server.containers('raises');
  expect(await docker('logs', id)).toContain('the weights are cursed');
});
