import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ContainerDefinition } from '@aws-sdk/client-sagemaker';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { passed } from '../clients/matrix.js';
import type { ClientName } from '../clients/pinned.js';
import {
  FLASK,
  makePlainArchive,
  PLAIN,
  PYTORCH,
  type Sample,
  TORCHSERVE,
  unpackInto,
} from '../support/fixtures.js';
import { awsEnvironment, pythonClients } from '../support/python-clients.js';
import { settled } from '../support/settled.js';
import { ACCOUNT, REGION, type TestDaemon, useDaemon } from '../support/test-daemon.js';
import { liveAtTheCommandLine } from './aws-cli.js';
import { liveInPython } from './boto3.js';
import { liveInJavaScript } from './javascript.js';
import { type Life, namesOf, type Story } from './story.js';

/*
 * Each of the three real images, and a handler that is served as a process, through its whole life with each real client. A
 * client only tells what it saw (story.ts); what is right is written once, below.
 */

const servers = { docker: useDaemon('docker'), process: useDaemon('process') };
let home: string;
let clients: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'smlocal-home-'));
  clients = await pythonClients();
});

afterEach(() => vi.unstubAllEnvs());

afterAll(() => rm(home, { recursive: true }));

interface Client {
  readonly client: string;
  /** Its row of the README's matrix. */
  readonly row: ClientName;
  readonly live: (life: Life, server: TestDaemon) => Promise<Story>;
  /** Whether it shows an error's members beside its code and its message. */
  readonly showsMembers: boolean;
}

const CLIENTS: Client[] = [
  {
    client: 'the AWS SDK for JavaScript',
    row: 'AWS SDK for JavaScript v3',
    showsMembers: true,
    live: (life, server) => {
      for (const [name, value] of Object.entries(awsEnvironment(server.url, home)))
        vi.stubEnv(name, value);
      return liveInJavaScript(life);
    },
  },
  {
    client: 'boto3',
    row: 'boto3',
    showsMembers: true,
    live: (life, server) => liveInPython(life, clients, awsEnvironment(server.url, home)),
  },
  {
    client: 'the aws command line',
    row: 'aws command line',
    showsMembers: false,
    live: (life, server) =>
      liveAtTheCommandLine(life, {
        clients,
        env: awsEnvironment(server.url, home),
        settled: async (endpointName) => void (await settled(server.sagemaker, endpointName)),
      }),
  },
];

interface Served {
  readonly name: string;
  readonly engine: 'docker' | 'process';
  readonly fixture: {
    readonly image: string;
    readonly environment: Readonly<Record<string, string>>;
    readonly good: Sample;
    readonly bad: Sample;
  };
  readonly data: string;
  readonly modelData: (server: TestDaemon) => Promise<Partial<ContainerDefinition>>;
  /** TorchServe names no type where a handler does not. */
  readonly answersWith: string | undefined;
  readonly expectAnswer: (body: string) => void;
  readonly refusal: { readonly status: number; readonly message: RegExp };
}

const IMAGES: Served[] = [
  {
    name: 'text',
    engine: 'docker',
    fixture: PYTORCH,
    data: 'an archive of the user at file://',
    modelData: async () => ({ ModelDataUrl: pathToFileURL(PYTORCH.archive).href }),
    answersWith: 'application/json',
    expectAnswer: expectSportsAndWorld,
    refusal: { status: 400, message: /Expected a list of one-text lists/ },
  },
  {
    name: 'image',
    engine: 'docker',
    fixture: TORCHSERVE,
    data: 'an object at s3://',
    modelData: async (server) => {
      const object = join(server.stateDir, 's3', 'my-bucket', 'shapes', 'model.tar.gz');
      await mkdir(dirname(object), { recursive: true });
      await cp(TORCHSERVE.archive, object);
      return { ModelDataUrl: 's3://my-bucket/shapes/model.tar.gz' };
    },
    answersWith: undefined,
    expectAnswer: (body) => {
      const classes: Record<string, number> = JSON.parse(body);
      expect(Object.keys(classes)).toHaveLength(5);
      expect(best(classes)).toBe('star');
    },
    refusal: { status: 400, message: /This is not an image/ },
  },
  {
    name: 'entities',
    engine: 'docker',
    fixture: FLASK,
    data: 'an uncompressed prefix at s3://',
    modelData: async (server) => {
      await unpackInto(join(server.stateDir, 's3', 'my-bucket', 'tagger'), FLASK);
      const S3Uri = 's3://my-bucket/tagger/';
      return {
        ModelDataSource: {
          S3DataSource: { S3Uri, S3DataType: 'S3Prefix', CompressionType: 'None' },
        },
      };
    },
    answersWith: 'application/json',
    expectAnswer: (body) => {
      const entities: { word: string; entity_group: string }[][] = JSON.parse(body);
      const found = entities.flat().map(({ word, entity_group: group }) => `${word} ${group}`);
      expect(found).toContain('Leon Scott Kennedy PER');
      expect(found).toContain('Raccoon City LOC');
    },
    refusal: { status: 400, message: /"strings\\?" must be a list that is not empty/ },
  },
  {
    name: 'plain',
    engine: 'process',
    fixture: { ...PLAIN, image: 'a-process/has-no-image' },
    data: 'an archive of the user at file://',
    modelData: async () => ({ ModelDataUrl: pathToFileURL(await makePlainArchive(home)).href }),
    answersWith: 'application/json',
    expectAnswer: expectSportsAndWorld,
    refusal: { status: 500, message: /Expected a list of one-text lists/ },
  },
];

function expectSportsAndWorld(body: string): void {
  const [first, second] = JSON.parse(body);
  expect(best(first.probabilities)).toBe('Sports');
  expect(first.top_n_grams).not.toEqual({});
  expect(best(second.probabilities)).toBe('World');
}

/** The class with the highest odds. */
function best(odds: Record<string, number>): string | undefined {
  return Object.entries(odds).sort(([, a], [, b]) => b - a)[0]?.[0];
}

const LIVES = IMAGES.flatMap((image) => CLIENTS.map((client) => ({ image, client })));

for (const { image, client } of LIVES) {
  const model = `${image.fixture.image}, its model ${image.data},`;
  test(`${model} lives its whole life through ${client.client}`, async () => {
    const server = servers[image.engine];
    const life = await lifeOf(image, client);
    const story = await client.live(life, server);
    expectDescriptions(story, life, image);
    expectAnswers(story, image, life);
    expectRefusal(story, image, life, client);
    expectListsAndTags(story, life);
    expectGone(story);
    expect(await server.containers(namesOf(life.name).endpoint)).toEqual([]);
    const served = image.engine === 'docker' ? 'containers' : 'processes';
    passed(client.row, ['endpoints', 'invoke', served]);
  });
}

async function lifeOf(
  { name, engine, fixture, modelData }: Served,
  { client }: Client,
): Promise<Life> {
  return {
    name: `${name}-${client.replace(/\W+/g, '-')}`,
    container: {
      Image: fixture.image,
      Environment: { ...fixture.environment },
      ...(await modelData(servers[engine])),
    },
    good: fixture.good,
    bad: fixture.bad,
    tags: [{ Key: 'team', Value: 'search' }],
  };
}

function arn(type: string, name: string): string {
  return `arn:aws:sagemaker:${REGION}:${ACCOUNT}:${type}/${name.toLowerCase()}`;
}

function expectDescriptions(story: Story, { name, container }: Life, { engine }: Served): void {
  const names = namesOf(name);
  const [firstConfig, secondConfig] = names.endpointConfigs;
  expect(story.arns).toEqual({
    model: arn('model', names.models[0]),
    endpointConfig: arn('endpoint-config', firstConfig),
    endpoint: arn('endpoint', names.endpoint),
  });
  const always = {
    EndpointName: names.endpoint,
    EndpointArn: story.arns.endpoint,
    CreationTime: recently(),
    LastModifiedTime: recently(),
  };
  const variant = (VariantName: string) => ({
    VariantName,
    CurrentWeight: 1,
    DesiredWeight: 1,
    CurrentInstanceCount: 1,
    DesiredInstanceCount: 1,
    DeployedImages: [
      {
        SpecifiedImage: container.Image,
        ResolvedImage:
          engine === 'docker'
            ? expect.stringContaining(`${container.Image}@sha256:`)
            : container.Image,
        ResolutionTime: recently(),
      },
    ],
  });
  expectUnderWay(story.created, 'Creating', firstConfig);
  expect(story.created).toMatchObject(always);
  expect(story.inService).toEqual({
    ...always,
    EndpointStatus: 'InService',
    EndpointConfigName: firstConfig,
    ProductionVariants: [variant(names.variants[0])],
  });
  expectUnderWay(story.updating, 'Updating', secondConfig);
  expect(story.updated).toEqual({
    ...always,
    EndpointStatus: 'InService',
    EndpointConfigName: secondConfig,
    ProductionVariants: [variant(names.variants[1])],
  });
}

/** Flask is up before the command line, which takes half a second to start, has looked. */
function expectUnderWay(seen: Story['created'], status: string, pending: string): void {
  expect([status, 'InService']).toContain(seen.EndpointStatus);
  expect(seen.PendingDeploymentSummary).toEqual(
    seen.EndpointStatus === 'InService'
      ? undefined
      : expect.objectContaining({ EndpointConfigName: pending, StartTime: recently() }),
  );
}

/** A time of this test, as a client shows it: in ISO 8601, or in seconds since 1970. */
function recently() {
  return expect.toSatisfy((value: unknown) => {
    const time = typeof value === 'number' ? value * 1000 : Date.parse(String(value));
    return Math.abs(Date.now() - time) < 10 * 60_000;
  }, 'a time in the last ten minutes');
}

function expectAnswers(story: Story, image: Served, { name }: Life): void {
  const { variants } = namesOf(name);
  for (const { body, contentType } of [story.answer, story.answerAfterUpdate]) {
    image.expectAnswer(body);
    expect(contentType ?? undefined).toBe(image.answersWith);
  }
  expect(story.answer.variant).toBe(variants[0]);
  expect(story.answerAfterUpdate.variant).toBe(variants[1]);
}

function expectRefusal(
  { refusal }: Story,
  image: Served,
  { name }: Life,
  { showsMembers }: Client,
): void {
  const group = `/aws/sagemaker/Endpoints/${namesOf(name).endpoint}`;
  const { status, message } = image.refusal;
  expect(refusal.code).toBe('ModelError');
  expect(refusal.message).toMatch(message);
  expect(refusal.message.split('"')[0]).toBe(
    `Received ${status < 500 ? 'client' : 'server'} error (${status}) from primary with message `,
  );
  expect(refusal.message).toContain(`#logEventViewer:group=${group} in account ${ACCOUNT} `);
  if (!showsMembers) return;
  expect(refusal.originalStatusCode).toBe(status);
  expect(refusal.originalMessage).toMatch(message);
  expect(refusal.logStreamArn).toBe(`arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${group}`);
}

function expectListsAndTags(story: Story, { name, tags }: Life): void {
  const names = namesOf(name);
  expect(story.listed).toEqual({
    models: names.models.toReversed(),
    endpointConfigs: names.endpointConfigs.toReversed(),
    endpoints: [names.endpoint],
  });
  expect(story.tags).toEqual({
    created: tags,
    added: [...tags, { Key: 'stage', Value: 'two' }],
    left: tags,
  });
}

function expectGone({ gone, arns }: Story): void {
  const code = 'ValidationException';
  expect(gone).toMatchObject({
    endpoint: { code, message: `Could not find endpoint "${arns.endpoint}".` },
    endpointConfig: {
      code,
      message: `Could not find endpoint configuration "${arns.endpointConfig}".`,
    },
    model: { code, message: `Could not find model "${arns.model}".` },
  });
}
