import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { CreateModelCommand } from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand } from '@aws-sdk/client-sagemaker-runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createConfig, createEndpoint } from '../support/endpoints.js';
import { clientOf, got, OWN, usePassingDaemon } from './passing-daemon.js';

const BUCKET = 'remote-models';
const URL = `s3://${BUCKET}/v1/model.tar.gz`;

const HANDLER = `
import json, os
def model_fn(model_dir):
    return open(os.path.join(model_dir, "word.txt")).read()
def input_fn(data, content_type):
    return data
def predict_fn(data, word):
    secret = "${OWN.secretAccessKey}"
    own = {k: v for k, v in os.environ.items() if k.startswith("AWS_")}
    return {"word": word, "leaks": [k for k, v in os.environ.items() if secret in v], "own": own}
def output_fn(prediction, accept):
    return json.dumps(prediction)
`;

const world = usePassingDaemon(['remote-*']);
const folder = mkdtempSync(join(tmpdir(), 'smlocal-remote-model-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** An archive with a handler that answers with a word. */
function archive(word: string): Buffer {
  mkdirSync(join(folder, 'code'), { recursive: true });
  writeFileSync(join(folder, 'code', 'inference.py'), HANDLER);
  writeFileSync(join(folder, 'word.txt'), word);
  execFileSync('tar', ['-czf', 'model.tar.gz', 'code', 'word.txt'], { cwd: folder });
  return readFileSync(join(folder, 'model.tar.gz'));
}

const upload = (Key: string, Body: Buffer | string) =>
  world.there.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));

const container = {
  Image: 'any',
  ModelDataUrl: URL,
  Environment: { SAGEMAKER_PROGRAM: 'inference.py', SAGEMAKER_MODEL_SERVER_WORKERS: '1' },
};

async function serve(name: string, definition: object = container) {
  await createConfig(world, name, { ...container, ...definition });
  return createEndpoint(world, name, name);
}

async function answerOf(EndpointName: string) {
  const answer = await world.runtime.send(new InvokeEndpointCommand({ EndpointName, Body: 'x' }));
  return JSON.parse(answer.Body.transformToString());
}

beforeAll(async () => {
  await world.there.send(new CreateBucketCommand({ Bucket: BUCKET }));
});

test('An endpoint serves model data of another S3, which is downloaded once and again when it is another', async () => {
  const { proxy } = world;
  const first = archive('first');
  await upload('v1/model.tar.gz', first);
  expect(await serve('one')).toMatchObject({ EndpointStatus: 'InService' });
  expect(await answerOf('one')).toMatchObject({ word: 'first', leaks: [] });
  expect(proxy.taken()).toEqual([
    `HEAD /${BUCKET}/v1/model.tar.gz 200`,
    `GET /${BUCKET}/v1/model.tar.gz 200`,
  ]);
  expect(proxy.bytes()).toBe(first.length);
  expect(await serve('two')).toMatchObject({ EndpointStatus: 'InService' });
  expect(proxy.taken().at(-1)).toBe(`GET /${BUCKET}/v1/model.tar.gz 304`);
  expect(proxy.bytes()).toBe(0);
  await upload('v1/model.tar.gz', archive('second'));
  expect(await serve('three')).toMatchObject({ EndpointStatus: 'InService' });
  expect(proxy.taken().at(-1)).toBe(`GET /${BUCKET}/v1/model.tar.gz 200`);
  expect(await answerOf('three')).toMatchObject({ word: 'second' });
  expect(await answerOf('one')).toMatchObject({ word: 'first' });
}, 120_000);

test('A handler may read what is passed on, and not write to it, by credentials that are not the user’s', async () => {
  const { own } = await answerOf('one');
  const client = clientOf(own.AWS_ENDPOINT_URL, {
    ...{ accessKeyId: own.AWS_ACCESS_KEY_ID, secretAccessKey: own.AWS_SECRET_ACCESS_KEY },
    ...{ sessionToken: own.AWS_SESSION_TOKEN },
  });
  expect((await got(client, BUCKET, 'v1/model.tar.gz')).length).toBeGreaterThan(0);
  const put = client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'mine', Body: 'x' }));
  await expect(put).rejects.toMatchObject({
    name: 'AccessDenied',
    message: expect.stringContaining('Containers may read from remote-models'),
  });
  client.destroy();
});

test('Without the other S3 an endpoint comes up with what was downloaded, and it is said; what was not is a failure in words', async () => {
  const { proxy, daemon } = world;
  await upload('v1/never.tar.gz', archive('never'));
  await createConfig(world, 'never', {
    ...container,
    ModelDataUrl: `s3://${BUCKET}/v1/never.tar.gz`,
  });
  const said: string[] = [];
  const note = ({ progress }: { progress: { activity: string } }) => said.push(progress.activity);
  daemon.events.on('progress', note as never);
  proxy.leave();
  try {
    expect(await serve('away')).toMatchObject({ EndpointStatus: 'InService' });
    expect(said.join('\n')).toContain(`${URL}: what was downloaded before is used`);
    expect(await createEndpoint(world, 'never', 'never')).toMatchObject({
      EndpointStatus: 'Failed',
      FailureReason: expect.stringMatching(
        /^Failed to download model data .* could not be reached/,
      ),
    });
  } finally {
    daemon.events.off('progress', note as never);
    proxy.comeBack();
  }
}, 120_000);

test('The objects of a prefix are shown as a folder, each fetched again only when it is another', async () => {
  const { proxy } = world;
  await upload('raw/code/inference.py', HANDLER);
  await upload('raw/word.txt', 'raw');
  const S3DataSource = {
    ...{ S3Uri: `s3://${BUCKET}/raw/`, S3DataType: 'S3Prefix' as const },
    CompressionType: 'None' as const,
  };
  const raw = { ModelDataUrl: undefined, ModelDataSource: { S3DataSource } };
  expect(await serve('raw', raw)).toMatchObject({ EndpointStatus: 'InService' });
  expect(await answerOf('raw')).toMatchObject({ word: 'raw' });
  proxy.taken();
  await upload('raw/word.txt', 'cooked');
  expect(await serve('cooked', raw)).toMatchObject({ EndpointStatus: 'InService' });
  expect(await answerOf('cooked')).toMatchObject({ word: 'cooked' });
  expect(proxy.taken().filter((line) => line.startsWith('GET /remote-models/raw'))).toEqual([
    `GET /${BUCKET}/raw/code/inference.py 304`,
    `GET /${BUCKET}/raw/word.txt 200`,
  ]);
}, 120_000);

test('The models of a multi-model endpoint come from the other S3 one by one', async () => {
  for (const word of ['one', 'two']) await upload(`many/${word}.tar.gz`, archive(word));
  const many = {
    ...{ Mode: 'MultiModel', ModelDataUrl: `s3://${BUCKET}/many/` },
    MultiModelConfig: { ModelCacheSetting: 'Disabled' },
    Environment: {},
  };
  expect(await serve('many', many)).toMatchObject({ EndpointStatus: 'InService' });
  const ask = async (TargetModel: string) => {
    const input = { EndpointName: 'many', TargetModel, Body: 'x' };
    const { Body } = await world.runtime.send(new InvokeEndpointCommand(input));
    return JSON.parse(Body.transformToString()).word;
  };
  expect([await ask('one.tar.gz'), await ask('two.tar.gz')]).toEqual(['one', 'two']);
  await upload('many/two.tar.gz', archive('another'));
  expect([await ask('one.tar.gz'), await ask('two.tar.gz')]).toEqual(['one', 'another']);
  await expect(ask('three.tar.gz')).rejects.toThrow('Failed to download model data');
}, 120_000);

test('A model whose data is not in the other S3 is refused as SageMaker does', async () => {
  const PrimaryContainer = { ...container, ModelDataUrl: `s3://${BUCKET}/nothing.tar.gz` };
  const made = world.sagemaker.send(
    new CreateModelCommand({ ModelName: 'nothing', PrimaryContainer }),
  );
  await expect(made).rejects.toThrow(`Could not find model data at s3://${BUCKET}/nothing.tar.gz.`);
});
