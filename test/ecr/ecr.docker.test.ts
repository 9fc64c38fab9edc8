import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateRepositoryCommand,
  DeleteRepositoryCommand,
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  ListImagesCommand,
  ListTagsForResourceCommand,
  paginateDescribeRepositories,
} from '@aws-sdk/client-ecr';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BASE_IMAGE, docker, removeImages } from '../containers/test-image.js';
import { refusal } from '../support/control-daemon.js';
import { createConfig, createEndpoint, deleteEndpoint } from '../support/endpoints.js';
import { ROOT } from '../support/fixtures.js';
import { awsEnvironment, pythonClients } from '../support/python-clients.js';
import { type RunOptions, run, succeed } from '../support/run.js';
import { ACCOUNT, CREDENTIALS, REGION, useDaemon } from '../support/test-daemon.js';

const server = useDaemon();
const home = mkdtempSync(join(tmpdir(), 'smlocal-ecr-'));
const REGISTRY = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com`;
const IMAGE = `${REGISTRY}/smlocal-test-pushed:v1`;
const LOCAL = 'smlocal-test/to-push:v1';
let clients = '';
let options: RunOptions;

/** The docker command's settings are the test's own, so that no login is left in the user's. */
beforeAll(async () => {
  clients = await pythonClients();
  const env = {
    ...awsEnvironment(server.url, home),
    PATH: `${join(clients, 'bin')}:${process.env.PATH}`,
    DOCKER_CONFIG: join(home, 'docker'),
  };
  options = { env, cwd: home };
}, 300_000);
afterAll(async () => {
  await removeImages(IMAGE, LOCAL, `${REGISTRY}/smlocal-test-missing:v1`);
  rmSync(home, { recursive: true });
});

/** Runs a script as `smlocal exec -- bash SCRIPT` does. */
const exec = (script: string) =>
  run(
    process.execPath,
    [`${ROOT}dist/cli.js`, 'exec', '--state-dir', server.stateDir, '--', 'bash', '-c', script],
    options,
  );

const aws = async (...words: string[]) =>
  JSON.parse(await succeed(join(clients, 'bin', 'aws'), ['ecr', ...words], options));

/** The words of the AWS tutorials that build an image and push it, but for the names. */
const BUILD_AND_PUSH = `
set -eu
account=$(aws sts get-caller-identity --query Account --output text)
region=$AWS_REGION
image=$account.dkr.ecr.$region.amazonaws.com/smlocal-test-pushed:v1
aws ecr describe-repositories --repository-names smlocal-test-pushed >/dev/null 2>&1 ||
  aws ecr create-repository --repository-name smlocal-test-pushed >/dev/null
aws ecr get-login-password --region $region | docker login --username AWS --password-stdin $account.dkr.ecr.$region.amazonaws.com
docker build -t ${LOCAL} .
docker tag ${LOCAL} $image
docker push $image
`;

test('A script builds an image, logs in to ECR and pushes, as it is written for AWS; an endpoint runs what it pushed', async () => {
  const serve = 'echo "$0 was pushed" && exit 3';
  await writeFile(
    join(home, 'Dockerfile'),
    `FROM ${BASE_IMAGE}\nENTRYPOINT ["sh", "-c", ${JSON.stringify(serve)}, "it"]\n`,
  );
  const ran = await exec(BUILD_AND_PUSH);
  expect(ran.stderr).not.toContain('denied');
  expect(ran).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      /Login Succeeded[\s\S]*v1: digest: sha256:[0-9a-f]{64} size: \d+/,
    ),
  });
  const { imageDetails } = await aws(
    ...['describe-images', '--repository-name', 'smlocal-test-pushed'],
    ...['--image-ids', 'imageTag=v1'],
  );
  const id = await docker('image', 'inspect', '--format', '{{.Id}}', LOCAL);
  expect(imageDetails).toEqual([
    expect.objectContaining({ imageDigest: id, imageTags: ['v1'], registryId: ACCOUNT }),
  ]);
  expect(ran.stdout).toContain(id);
  await createConfig(server, 'pushed', { Image: IMAGE });
  const endpoint = await createEndpoint(server, 'pushed', 'pushed');
  expect(endpoint?.FailureReason).toContain('it was pushed');
  await deleteEndpoint(server, 'pushed');
});

test('A push is refused where ECR would, and what is not ECR’s goes to the engine as it came', async () => {
  const missing = `${REGISTRY}/smlocal-test-missing:v1`;
  await docker('tag', BASE_IMAGE, missing);
  expect(await exec(`docker push ${missing}`)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(
      `name unknown: The repository with name 'smlocal-test-missing' does not exist in the registry with id '${ACCOUNT}'`,
    ),
  });
  expect(await exec(`docker push ${REGISTRY}/smlocal-test-pushed:none`)).toMatchObject({ code: 1 });
  const login = 'echo x | docker login --username u --password-stdin 127.0.0.1:1';
  expect(await exec(login)).toMatchObject({ code: 1, stdout: '' });
  const piped = `seq 100000 | docker run --rm -i ${BASE_IMAGE} sh -c 'sort -n | tail -n 1; echo gone >&2; exit 7'`;
  expect(await exec(piped)).toEqual({ code: 7, stdout: '100000\n', stderr: 'gone\n' });
});

test('Repositories are made, described and deleted, in ECR’s words', async () => {
  const ecr = new ECRClient({
    ...{ endpoint: server.url, region: REGION, credentials: CREDENTIALS, maxAttempts: 1 },
  });
  const repositoryName = 'smlocal-test-made/nested';
  const pushed = { repositoryName: 'smlocal-test-pushed' };
  const create = new CreateRepositoryCommand({
    ...{ repositoryName, tags: [{ Key: 'stage', Value: 'one' }] },
  });
  const { repository } = await ecr.send(create);
  const resourceArn = `arn:aws:ecr:${REGION}:${ACCOUNT}:repository/${repositoryName}`;
  expect(repository).toMatchObject({
    ...{ repositoryArn: resourceArn, registryId: ACCOUNT, imageTagMutability: 'MUTABLE' },
    repositoryUri: `${REGISTRY}/${repositoryName}`,
  });
  const refused = (name: string, message: string) => ({ code: name, status: 400, message });
  expect(await refusal(ecr.send(create))).toEqual(
    refused(
      'RepositoryAlreadyExistsException',
      `The repository with name '${repositoryName}' already exists in the registry with id '${ACCOUNT}'`,
    ),
  );
  const upper = new CreateRepositoryCommand({ repositoryName: 'Upper' });
  expect(await refusal(ecr.send(upper))).toMatchObject({ code: 'InvalidParameterException' });
  const { tags } = await ecr.send(new ListTagsForResourceCommand({ resourceArn }));
  expect(tags).toEqual([{ Key: 'stage', Value: 'one' }]);
  expect((await ecr.send(new ListImagesCommand(pushed))).imageIds).toHaveLength(1);
  const absent = new DescribeImagesCommand({ repositoryName, imageIds: [{ imageTag: 'x' }] });
  expect(await refusal(ecr.send(absent))).toEqual(
    refused(
      'ImageNotFoundException',
      `The image with imageId {imageDigest:'null', imageTag:'x'} does not exist within the repository with name '${repositoryName}' in the registry with id '${ACCOUNT}'`,
    ),
  );
  expect(await refusal(ecr.send(new DeleteRepositoryCommand(pushed)))).toMatchObject({
    code: 'RepositoryNotEmptyException',
  });
  const names: (string | undefined)[] = [];
  for await (const { repositories = [] } of paginateDescribeRepositories(
    { client: ecr, pageSize: 1 },
    {},
  )) {
    names.push(...repositories.map((one) => one.repositoryName));
  }
  expect(names).toEqual([repositoryName, pushed.repositoryName]);
  await ecr.send(new DeleteRepositoryCommand({ ...pushed, force: true }));
  await ecr.send(new DeleteRepositoryCommand({ repositoryName }));
  expect((await ecr.send(new DescribeRepositoriesCommand({}))).repositories).toEqual([]);
  expect(await refusal(ecr.send(new ListImagesCommand(pushed)))).toMatchObject({
    code: 'RepositoryNotFoundException',
  });
  const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}));
  expect(authorizationData?.[0]?.proxyEndpoint).toBe(`https://${REGISTRY}`);
  const token = Buffer.from(authorizationData?.[0]?.authorizationToken ?? '', 'base64');
  expect(token.toString()).toMatch(/^AWS:.{20,}$/);
  ecr.destroy();
});
