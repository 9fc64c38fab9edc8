import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { passed } from './matrix.js';
import { type ClientName, pinnedVersion } from './pinned.js';
import { type SdkClient, sdkClient, UserProject } from './user-project.js';

/* Scripts of the SageMaker Python SDK as their authors would write them for AWS. Served by the process engine. */

let project: UserProject;

beforeAll(async () => {
  project = await UserProject.start({ engine: 'process' });
}, 60_000);
afterAll(() => project.remove());

const script = (name: string) => fileURLToPath(new URL(`sagemaker/${name}`, import.meta.url));

async function pythonOf(client: SdkClient): Promise<string> {
  return join(await sdkClient(client), client, 'bin', 'python');
}

const ROLE = 'arn:aws:iam::000000000000:role/LocalSageMakerRole';
const DEFAULT_BUCKET = 'sagemaker-us-east-1-000000000000';

const WITH_EXEC = [
  'smlocal exec',
  (...given: Call) => project.exec(...given),
  [],
  DEFAULT_BUCKET,
] as const;
const WITH_ENV = [
  'smlocal env, its bucket and role named,',
  (...given: Call) => project.inShell(...given),
  ['mine'],
  'mine',
] as const;

type Call = Parameters<UserProject['exec']>;

const SEEN: Record<'2' | '3', object> = {
  '2': {
    files: ['models/packed.tar.gz'],
    json: { products: [40] },
    csv: [['2.0', '5.0']],
    raw: '{"products": [6]}',
    refused: 500,
    updated: true,
    again: { products: [8] },
    left: [[], [], []],
  },
  '3': {
    built: 'inference.py',
    answer: { products: [40] },
    json: { products: [6] },
    csv: { products: [2, 5] },
    updated: 'the-second-of-3',
    again: { products: [8] },
    left: [[], []],
  },
};

const SDKS = ['2', '3'] as const;

test.each(SDKS.flatMap((sdk) => [WITH_EXEC, WITH_ENV].map((way) => [sdk, ...way] as const)))(
  'A script of the SDK %s uploads, deploys, predicts, updates and deletes, under %s as it stands',
  { timeout: 600_000 },
  async (sdk, _, start, words, bucket) => {
    const client: ClientName = `SageMaker Python SDK ${sdk}`;
    const python = await pythonOf(`sagemaker-${sdk}`);
    const out = await start([python, script(`v${sdk}.py`), ...words]);
    const { version, role, bucket: used, uri, ...saw } = JSON.parse(out.slice(out.indexOf('{')));
    expect(version).toBe(pinnedVersion(client));
    expect([role, used]).toEqual([ROLE, bucket]);
    expect(uri).toMatch(new RegExp(`^s3://${bucket}/models`));
    expect(saw).toEqual(SEEN[sdk]);
    const services = bucket === DEFAULT_BUCKET ? (['STS', 'IAM'] as const) : [];
    passed(client, ['S3', ...services, 'endpoints', 'invoke', 'processes']);
  },
);
