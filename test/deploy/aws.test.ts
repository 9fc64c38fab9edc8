import { randomBytes } from 'node:crypto';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { MOTO_ACCOUNT } from '../support/moto.js';
import { useAccount } from './aws-account.js';
import { DeployProject, REGION } from './project.js';

const account = useAccount();

beforeEach(() => account.empty());

const ROLE = `arn:aws:iam::${MOTO_ACCOUNT}:role/service-role/SageMakerRole`;

async function projectWith(settings: Record<string, unknown> = {}) {
  const project = await DeployProject.make(settings);
  onTestFinished(() => project.remove());
  const deploy = (...args: string[]) =>
    project.smlocal('deploy', '--env', 'production', '--endpoint-url', account.url, ...args);
  return { project, deploy };
}

async function deployed(settings?: Record<string, unknown>) {
  const { project, deploy } = await projectWith(settings);
  const ran = await deploy('--yes');
  expect(ran).toMatchObject({ code: 0, stderr: '' });
  return { project, deploy, left: await account.left() };
}

test('boto3 reads back the package’s bytes, the model, its config, the endpoint and their tags', async () => {
  const { left } = await deployed();
  const bucket = `sagemaker-${REGION}-${MOTO_ACCOUNT}`;
  expect(left.buckets).toEqual([bucket]);
  const [key = ''] = left.objects;
  const [model = '', config = ''] = [left.models[0], left.configs[0]];
  const read = await account.boto3(`
import io, tarfile
body = s3.get_object(Bucket="${bucket}", Key="${key}")["Body"].read()
tar = tarfile.open(fileobj=io.BytesIO(body))
model = sagemaker.describe_model(ModelName="${model}")
config = sagemaker.describe_endpoint_config(EndpointConfigName="${config}")
endpoint = sagemaker.describe_endpoint(EndpointName="news")
tags = lambda arn: {t["Key"]: t["Value"] for t in sagemaker.list_tags(ResourceArn=arn)["Tags"]}
show({
  "digest": hashlib.sha256(body).hexdigest(),
  "files": {m.name: tar.extractfile(m).read().decode() for m in tar if m.isfile()},
  "container": model["PrimaryContainer"], "role": model["ExecutionRoleArn"],
  "variants": config["ProductionVariants"],
  "endpoint": [endpoint["EndpointConfigName"], endpoint["EndpointStatus"]],
  "tags": [tags(model["ModelArn"]), tags(config["EndpointConfigArn"]), tags(endpoint["EndpointArn"])],
})`);
  expect(read).toMatchObject({
    files: {
      'weights.bin': 'weights',
      'code/inference.py': 'def model_fn(model_dir):\n    return None\n',
    },
    container: {
      ModelDataUrl: `s3://${bucket}/${key}`,
      Environment: {
        SAGEMAKER_PROGRAM: 'inference.py',
        SAGEMAKER_SUBMIT_DIRECTORY: '/opt/ml/model/code',
      },
    },
    role: ROLE,
    variants: [{ ModelName: model, InstanceType: 'ml.m5.xlarge', InitialInstanceCount: 1 }],
    endpoint: [config, 'InService'],
  });
  const { digest: sha, tags } = read as { digest: string; tags: Record<string, string>[] };
  expect(key).toBe(`smlocal/${MOTO_ACCOUNT}/${REGION}/news/${sha}/model.tar.gz`);
  const common = { team: 'search', 'smlocal:endpoint': 'news' };
  expect(tags).toEqual([{ ...common, 'smlocal:package': sha }, common, common]);
});

test('What is deployed already is left alone', async () => {
  const { deploy, left } = await deployed();
  const again = await deploy('--yes');
  expect(again.stdout).toContain('nothing to do');
  expect(again.code).toBe(0);
  expect(await account.left()).toEqual(left);
});

test('A changed handler updates the endpoint; of earlier versions as many stay as are wanted', async () => {
  const { project, deploy, left: first } = await deployed({ keep_versions: 1 });
  const change = async (text: string) => {
    await project.write('src/inference.py', text);
    const { code, stdout } = await deploy('--yes');
    expect(code).toBe(0);
    return stdout;
  };
  expect(await change('# two\n')).toContain('sagemaker:UpdateEndpoint news');
  const second = await account.left();
  expect(second.models).toHaveLength(2);
  expect(second.endpoints.news).not.toBe(first.endpoints.news);
  expect(await change('# three\n')).toMatch(/DeleteModel .*beyond those that are kept/);
  const third = await account.left();
  for (const kind of ['models', 'configs', 'objects'] as const) {
    expect(third[kind]).toHaveLength(2);
    expect(third[kind]).not.toContain(first[kind][0]);
  }
});

test('What was made by hand, and the user’s own data, is never deleted', async () => {
  const bucket = 'a-bucket-of-mine';
  await account.boto3(`
s3.create_bucket(Bucket="${bucket}", CreateBucketConfiguration={"LocationConstraint": "${REGION}"})
s3.put_object(Bucket="${bucket}", Key="model.tar.gz", Body=b"mine")
sagemaker.create_model(ModelName="news-0123abcd", ExecutionRoleArn="${ROLE}")`);
  const own = { model_data_path: `s3://${bucket}/model.tar.gz`, source_dir: null };
  const { project, deploy } = await deployed({ ...own, keep_versions: 0 });
  await project.configure({ ...own, keep_versions: 0, environment: { A: '1' } });
  expect((await deploy('--yes')).code).toBe(0);
  const left = await account.left();
  expect(left.objects).toEqual(['model.tar.gz']);
  expect(left.models).toContain('news-0123abcd');
  expect(left.models).toHaveLength(2);
});

test('A handler is put into an archive that lies in S3', async () => {
  const bucket = 'a-bucket-of-mine';
  await account.boto3(`
import io, tarfile
made = io.BytesIO()
with tarfile.open(fileobj=made, mode="w:gz") as tar:
    info = tarfile.TarInfo("vocabulary.txt"); info.size = 5
    tar.addfile(info, io.BytesIO(b"words"))
s3.create_bucket(Bucket="${bucket}", CreateBucketConfiguration={"LocationConstraint": "${REGION}"})
s3.put_object(Bucket="${bucket}", Key="model.tar.gz", Body=made.getvalue())`);
  await deployed({ model_data_path: `s3://${bucket}/model.tar.gz`, bucket });
  const names = await account.boto3(`
import io, tarfile
key = [o["Key"] for o in s3.list_objects_v2(Bucket="${bucket}")["Contents"] if o["Key"] != "model.tar.gz"][0]
show(tarfile.open(fileobj=io.BytesIO(s3.get_object(Bucket="${bucket}", Key=key)["Body"].read())).getnames())`);
  expect(names).toEqual(['code', 'code/inference.py', 'vocabulary.txt']);
});

test('A large package goes in parts, and arrives whole', async () => {
  const { project, deploy } = await projectWith();
  await project.write('model/weights.bin', randomBytes(20_000_000));
  const { code, stdout } = await deploy('--yes');
  expect(code).toBe(0);
  expect(stdout).toContain('3 × s3:UploadPart');
  const read = await account.boto3(`
bucket = s3.list_buckets()["Buckets"][0]["Name"]
key = s3.list_objects_v2(Bucket=bucket)["Contents"][0]["Key"]
body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
show([hashlib.sha256(body).hexdigest(), key])`);
  const [sha, key] = read as [string, string];
  expect(key).toContain(`/${sha}/`);
});

test('New tags reach an endpoint that is otherwise right', async () => {
  const { project, deploy } = await deployed();
  await project.configure({ tags: { team: 'search', stage: 'two' } });
  expect((await deploy('--yes')).stdout).toContain('sagemaker:AddTags news: tags differ: stage');
  const tags = await account.boto3(`
arn = sagemaker.describe_endpoint(EndpointName="news")["EndpointArn"]
show([t["Key"] for t in sagemaker.list_tags(ResourceArn=arn)["Tags"]])`);
  expect(tags).toContain('stage');
});
