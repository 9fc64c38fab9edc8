import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
} from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand } from '@aws-sdk/client-sagemaker-runtime';
import { expect, test } from 'vitest';
import { settled } from '../support/settled.js';
import { REGION, type TestDaemon } from '../support/test-daemon.js';

const ROLE = 'arn:aws:iam::123456789012:role/service-role/Reader';

/** Calls AWS with boto3 as it would on AWS: it says neither where nor as whom. */
const HANDLER = `
import json, os
import boto3
from botocore.exceptions import ClientError

def model_fn(model_dir):
    return boto3.client("s3").get_object(Bucket="parameters", Key="a/word.txt")["Body"].read().decode()

def refused(call):
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"]

def predict_fn(data, word):
    s3, sagemaker = boto3.client("s3"), boto3.client("sagemaker")
    s3.put_object(Bucket="parameters", Key="seen", Body=word.encode())
    assumed = boto3.client("sts").assume_role(RoleArn="arn:aws:iam::123456789012:role/Other", RoleSessionName="me")["Credentials"]
    other = boto3.client("sts", aws_access_key_id=assumed["AccessKeyId"],
        aws_secret_access_key=assumed["SecretAccessKey"], aws_session_token=assumed["SessionToken"])
    return {
        "word": word,
        "keys": [one["Key"] for one in s3.list_objects_v2(Bucket="parameters")["Contents"]],
        "me": boto3.client("sts").get_caller_identity()["Arn"],
        "other": other.get_caller_identity()["Arn"],
        "endpoints": [one["EndpointName"] for one in sagemaker.list_endpoints()["Endpoints"]],
        "create": refused(lambda: sagemaker.create_model(ModelName="way-out", PrimaryContainer={"Image": "i", "ModelDataUrl": "file:///"})),
        "url": os.environ.get("AWS_ENDPOINT_URL"),
    }

def input_fn(body, content_type):
    return json.loads(body)

def output_fn(answer, accept):
    return json.dumps(answer)
`;

interface Serving {
  readonly image: string;
  readonly environment?: () => Promise<Record<string, string>>;
}

/** What holds in containers and in processes alike. */
export function testRoleAccess(server: TestDaemon, { image, environment }: Serving): void {
  const serve = async (name: string, own: Record<string, string> = {}) => {
    const code = join(server.stateDir, 'projects', name, 'code');
    await mkdir(code, { recursive: true });
    await writeFile(join(code, 'inference.py'), HANDLER);
    const PrimaryContainer = {
      Image: image,
      Environment: {
        SAGEMAKER_PROGRAM: 'inference.py',
        SAGEMAKER_SUBMIT_DIRECTORY: pathToFileURL(code).href,
        SAGEMAKER_MODEL_SERVER_WORKERS: '1',
        ...(await environment?.()),
        ...own,
      },
    };
    const variant = { VariantName: 'AllTraffic', ModelName: name, InitialInstanceCount: 1 };
    const { sagemaker } = server;
    await sagemaker.send(
      new CreateModelCommand({ ModelName: name, PrimaryContainer, ExecutionRoleArn: ROLE }),
    );
    await sagemaker.send(
      new CreateEndpointConfigCommand({
        EndpointConfigName: name,
        ProductionVariants: [{ ...variant, InstanceType: 'ml.m5.large' }],
      }),
    );
    await sagemaker.send(
      new CreateEndpointCommand({ EndpointName: name, EndpointConfigName: name }),
    );
    return settled(sagemaker, name);
  };

  test('A handler’s own calls reach smlocal, as the model’s execution role, and change nothing that is served', async () => {
    const bucket = join(server.stateDir, 's3', 'parameters', 'a');
    await mkdir(bucket, { recursive: true });
    await writeFile(join(bucket, 'word.txt'), 'hello');
    expect(await serve('caller')).toMatchObject({ EndpointStatus: 'InService' });
    const answer = await server.runtime.send(
      new InvokeEndpointCommand({ EndpointName: 'caller', Body: '{}' }),
    );
    const { url, ...saw } = JSON.parse(answer.Body.transformToString());
    expect(saw).toEqual({
      word: 'hello',
      keys: ['a/word.txt', 'seen'],
      me: 'arn:aws:sts::123456789012:assumed-role/Reader/SageMaker',
      other: 'arn:aws:sts::123456789012:assumed-role/Other/me',
      endpoints: ['caller'],
      create: 'AccessDeniedException',
    });
    await expectClosedToOthers(url, server.url);
  });
}

/** Neither who signs with another key, nor who does not sign, nor who asks for the admin API. */
async function expectClosedToOthers(url: string, own: string): Promise<void> {
  expect(url).not.toBe(own);
  const client = new S3Client({
    ...{ endpoint: url, region: REGION, maxAttempts: 1, forcePathStyle: true },
    credentials: { accessKeyId: 'ASIAAAAAAAAAAAAAAAAA', secretAccessKey: 'local' },
  });
  await expect(client.send(new ListBucketsCommand())).rejects.toMatchObject({
    name: 'SignatureDoesNotMatch',
  });
  client.destroy();
  expect((await fetch(`${url}/parameters/a/word.txt`)).status).toBe(403);
  expect((await fetch(`${url}/_smlocal/status`)).status).toBe(403);
}
