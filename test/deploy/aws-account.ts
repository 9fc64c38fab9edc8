import { afterAll, beforeAll } from 'vitest';
import { type Boto3, type Moto, startBoto3, startMoto } from '../support/moto.js';
import { REGION } from './project.js';

/** All that a deploy can leave in an account: each kind by name, and the endpoints with what they serve. */
export interface Left {
  readonly buckets: string[];
  readonly objects: string[];
  readonly uploads: string[];
  readonly models: string[];
  readonly configs: string[];
  readonly endpoints: Readonly<Record<string, string>>;
}

const LEFT = `
buckets = [b["Name"] for b in s3.list_buckets()["Buckets"]]
show({
  "buckets": buckets,
  "objects": [o["Key"] for b in buckets for o in s3.list_objects_v2(Bucket=b).get("Contents", [])],
  "uploads": [u["Key"] for b in buckets for u in s3.list_multipart_uploads(Bucket=b).get("Uploads", [])],
  "models": [m["ModelName"] for m in sagemaker.list_models()["Models"]],
  "configs": [c["EndpointConfigName"] for c in sagemaker.list_endpoint_configs()["EndpointConfigs"]],
  "endpoints": {e["EndpointName"]: sagemaker.describe_endpoint(EndpointName=e["EndpointName"])["EndpointConfigName"]
      for e in sagemaker.list_endpoints()["Endpoints"]},
})`;

const ROLE =
  'iam.create_role(RoleName="SageMakerRole", Path="/service-role/", AssumeRolePolicyDocument="{}")';

/** An AWS account of the test file's own, with a role for SageMaker in it. */
export function useAccount() {
  const started: { moto?: Moto; boto3?: Boto3 } = {};
  const boto3 = (code: string) => present(started.boto3).run(code);

  beforeAll(async () => {
    started.moto = await startMoto();
    started.boto3 = await startBoto3(started.moto.url, REGION);
    await boto3(ROLE);
  }, 120_000);

  afterAll(async () => {
    await started.boto3?.stop();
    await started.moto?.stop();
  });

  return {
    get url() {
      return present(started.moto).url;
    },
    boto3,
    left: () => boto3(LEFT) as Promise<Left>,
    /** Forgets everything but the role. */
    async empty(): Promise<void> {
      await fetch(`${present(started.moto).url}/moto-api/reset`, { method: 'POST' });
      await boto3(ROLE);
    },
  };
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('The account is there only while tests run.');
  return value;
}
