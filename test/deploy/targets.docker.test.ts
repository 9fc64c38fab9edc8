import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ExitCode } from '../../src/errors.js';
import { type Registry, startRegistry } from '../containers/registry.js';
import { docker } from '../containers/test-image.js';
import { invoke } from '../support/endpoints.js';
import { FLASK, ROOT } from '../support/fixtures.js';
import { type Boto3, MOTO_ACCOUNT, type Moto, startBoto3, startMoto } from '../support/moto.js';
import { ACCOUNT, useDaemon } from '../support/test-daemon.js';
import { DeployProject, REGION } from './project.js';

/* One project, deployed by one command to AWS (moto, with a real registry for ECR) and to smlocal. */

const smlocal = useDaemon();
let registry: Registry;
let moto: Moto;
let inAws: Boto3;
let inSmlocal: Boto3;

beforeAll(async () => {
  registry = await startRegistry({ auth: true });
  moto = await startMoto(`http://${registry.host}`);
  inAws = await startBoto3(moto.url, REGION);
  inSmlocal = await startBoto3(smlocal.url, REGION);
  await inAws.run('iam.create_role(RoleName="SageMakerRole", AssumeRolePolicyDocument="{}")');
});

afterAll(async () => {
  await inAws?.stop();
  await inSmlocal?.stop();
  await moto?.stop();
  await registry?.stop();
});

const TARGETS = [
  {
    name: 'AWS',
    account: MOTO_ACCOUNT,
    flags: () => ['--env', 'production', '--yes', '--endpoint-url', moto.url],
    boto3: (code: string) => inAws.run(code),
    image: async () => `${registry.host}/${FLASK.image}:smlocal-${(await imageId()).slice(0, 32)}`,
  },
  {
    name: 'smlocal',
    account: ACCOUNT,
    flags: () => ['--state-dir', smlocal.stateDir],
    boto3: (code: string) => inSmlocal.run(code),
    image: async () => FLASK.image,
  },
];

const imageId = async () =>
  (await docker('image', 'inspect', '--format', '{{.Id}}', FLASK.image)).replace('sha256:', '');

const ANSWER = 'return Response(json.dumps(predictions, indent=4), mimetype="application/json")';

/** The Flask image's application, its answer replaced. */
async function answering(project: DeployProject, answer: string): Promise<void> {
  const app = await readFile(`${ROOT}fixtures/images/flask-app/app.py`, 'utf8');
  await project.write('src/app.py', app.replace(ANSWER, answer));
}

/** What boto3 sees of the endpoint and of all that it is made of. */
const READ = `
import io, tarfile
tags = lambda arn: {t["Key"]: t["Value"] for t in sagemaker.list_tags(ResourceArn=arn)["Tags"]}
endpoint = sagemaker.describe_endpoint(EndpointName="news")
config = sagemaker.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
model = sagemaker.describe_model(ModelName=config["ProductionVariants"][0]["ModelName"])
container = model["PrimaryContainer"]
bucket, key = container["ModelDataUrl"][5:].split("/", 1)
body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
package = tarfile.open(fileobj=io.BytesIO(body))
show({
  "endpoint": {k: endpoint[k] for k in ["EndpointConfigName", "EndpointStatus"]},
  "variant": config["ProductionVariants"][0], "container": container, "role": model["ExecutionRoleArn"],
  "bucket": bucket, "key": key, "sha256": hashlib.sha256(body).hexdigest(),
  "app": package.extractfile("code/app.py").read().decode(),
  "tags": {"endpoint": tags(endpoint["EndpointArn"]), "model": tags(model["ModelArn"]),
      "config": tags(config["EndpointConfigArn"])},
  "models": [m["ModelName"] for m in sagemaker.list_models()["Models"]],
  "configs": [c["EndpointConfigName"] for c in sagemaker.list_endpoint_configs()["EndpointConfigs"]],
  "objects": [o["Key"] for o in s3.list_objects_v2(Bucket=bucket)["Contents"]],
})`;

interface Read {
  readonly endpoint: { readonly EndpointConfigName: string };
  readonly sha256: string;
  readonly objects: readonly string[];
}

describe.each(TARGETS)('Deployed to $name', ({ name, account, flags, boto3, image }) => {
  let project: DeployProject;
  let first: Read;

  beforeAll(async () => {
    project = await DeployProject.make({
      image: FLASK.image,
      model_data_path: 'file://model.tar.gz',
      entry_point: null,
      environment: { GUNICORN_CMD_ARGS: '--chdir=/opt/ml/model/code' },
      keep_versions: 1,
    });
    await project.copy(FLASK.archive, 'model.tar.gz');
    await project.copy(`${ROOT}fixtures/images/flask-app`, 'src');
    await answering(project, 'return "answer 1"');
  });
  afterAll(() => project.remove());

  const deploy = () => project.smlocal('deploy', ...flags());
  const read = () => boto3(READ) as Promise<Read>;

  test('boto3 reads back the package, the model, its config, the endpoint and their tags', async () => {
    expect(await deploy()).toMatchObject({ code: 0, stderr: '' });
    first = await read();
    const bucket = `sagemaker-${REGION}-${account}`;
    const key = `smlocal/${account}/${REGION}/news/${first.sha256}/model.tar.gz`;
    const common = { team: 'search', 'smlocal:endpoint': 'news' };
    expect(first).toMatchObject({
      endpoint: { EndpointStatus: 'InService' },
      variant: { InstanceType: 'ml.m5.xlarge', InitialInstanceCount: 1 },
      container: {
        Image: await image(),
        ModelDataUrl: `s3://${bucket}/${key}`,
        Environment: {
          GUNICORN_CMD_ARGS: '--chdir=/opt/ml/model/code',
          SAGEMAKER_SUBMIT_DIRECTORY: '/opt/ml/model/code',
        },
      },
      role: `arn:aws:iam::${account}:role/SageMakerRole`,
      objects: [key],
      app: expect.stringContaining('return "answer 1"'),
    });
    expect(first).toMatchObject({
      tags: {
        endpoint: common,
        config: common,
        model: { ...common, 'smlocal:package': first.sha256 },
      },
    });
  });

  test('The same again does nothing', async () => {
    const again = await deploy();
    expect(again).toMatchObject({ code: 0 });
    expect(again.stdout).toContain('nothing to do');
    expect(await read()).toEqual(first);
  });

  test('A changed handler, deployed again, updates', async () => {
    await answering(project, 'return "answer 2"');
    const { code, stdout } = await deploy();
    expect(code).toBe(0);
    expect(stdout).toContain('sagemaker:UpdateEndpoint news: done');
    expect(stdout).not.toContain('ecr:PutImage');
    const second = await read();
    expect(second.endpoint.EndpointConfigName).not.toBe(first.endpoint.EndpointConfigName);
    expect(second).toMatchObject({
      endpoint: { EndpointStatus: 'InService' },
      app: expect.stringContaining('return "answer 2"'),
      models: { length: 2 },
      configs: { length: 2 },
      objects: { length: 2 },
    });
  });

  if (name === 'AWS') {
    test('The image that only this machine had is in the registry, whole, and its name there is gone from here', async () => {
      const pushed = await image();
      await expect(docker('image', 'inspect', pushed)).rejects.toThrow();
      const repositories = await boto3(
        'show([r["repositoryName"] for r in ecr.describe_repositories()["repositories"]])',
      );
      expect(repositories).toEqual([FLASK.image]);
      const [host, rest = ''] = [registry.host, pushed.slice(registry.host.length + 1)];
      const [repository, tag] = rest.split(':');
      const login = Buffer.from(`AWS:${MOTO_ACCOUNT}-auth-token`).toString('base64');
      const manifest = await fetch(`http://${host}/v2/${repository}/manifests/${tag}`, {
        headers: {
          authorization: `Basic ${login}`,
          accept: 'application/vnd.docker.distribution.manifest.v2+json',
        },
      });
      const { config } = (await manifest.json()) as { config: { digest: string } };
      expect(config.digest).toBe(`sha256:${await imageId()}`);
    });
  } else {
    const ask = async () => (await invoke(smlocal.runtime, 'news', FLASK.good)).body;

    test('The endpoint answers by the handler that was deployed', async () => {
      expect(await ask()).toBe('answer 2');
    });

    test('An update that fails is told with its reason, and what served goes on; the next deploy mends it', async () => {
      await project.write('src/app.py', 'raise Exception("not today")\n');
      const failed = await deploy();
      expect(failed.code).toBe(ExitCode.endpointFailed);
      expect(failed.stderr).toContain('The update of news failed');
      expect(failed.stderr).toContain('not today');
      expect(failed.stderr).toContain('which served before');
      expect(await ask()).toBe('answer 2');
      await answering(project, 'return "answer 3"');
      expect(await deploy()).toMatchObject({ code: 0 });
      expect(await ask()).toBe('answer 3');
    });
  }
});
