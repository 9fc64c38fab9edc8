import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { beforeAll, expect, test } from 'vitest';
import { loadContract } from '../../../src/contract/contract.js';
import { OPERATIONS } from '../../../src/services/sagemaker/operations.js';
import { deploymentOf, endpointOf } from '../../hosting/records.js';
import { ARN, useControlDaemon } from '../../support/control-daemon.js';
import { oneOf, randomOf, seedOfRun } from '../../support/random.js';
import { type BoundaryCase, boundaries, type Members } from './boundaries.js';
import type { Overrides } from './sample-values.js';

/** How many requests there must be at least, and how many of them break two or three constraints at once. */
const FEWEST = 5_000;
const COMBINED = 1_500;
const AT_A_TIME = 8;

const contract = loadContract('sagemaker');

/** An endpoint whose config names a model that is gone: what is right but for that starts no container. */
const control = useControlDaemon(async ({ endpoints, endpointConfigs }) => {
  const EndpointArn = `${ARN}:endpoint/serving`;
  const deployment = deploymentOf('d1', { EndpointConfigName: 'c' });
  await endpoints.put(
    'serving',
    endpointOf('InService', { EndpointName: 'serving', EndpointArn, deployment }),
  );
  await endpointConfigs.put('c', {
    EndpointConfigName: 'c',
    EndpointConfigArn: `${ARN}:endpoint-config/c`,
    ProductionVariants: [{ VariantName: 'AllTraffic', ModelName: 'gone' }],
    CreationTime: new Date(),
    Tags: [],
  });
});

const OVERRIDES: Overrides = {
  ProductionVariant: (index) => ({
    VariantName: `v${index}`,
    ModelName: 'm',
    InstanceType: 'ml.m5.large',
    InitialInstanceCount: 1,
  }),
  ContainerDefinition: () => ({ Image: 'image' }),
  DesiredWeightAndCapacity: (index) => ({ VariantName: index === 0 ? 'AllTraffic' : `v${index}` }),
};

const ResourceArn = `${ARN}:model/m`;

/** What every case of an operation starts from; `fresh` is a name that nothing has yet. */
const BASES: Readonly<Record<string, (fresh: string) => Members>> = {
  CreateModel: (fresh) => ({ ModelName: fresh, PrimaryContainer: { Image: 'image' } }),
  DescribeModel: () => ({ ModelName: 'm' }),
  DeleteModel: (fresh) => ({ ModelName: fresh }),
  CreateEndpointConfig: (fresh) => ({
    EndpointConfigName: fresh,
    ProductionVariants: [OVERRIDES.ProductionVariant?.(0)],
  }),
  DescribeEndpointConfig: () => ({ EndpointConfigName: 'c' }),
  DeleteEndpointConfig: (fresh) => ({ EndpointConfigName: fresh }),
  CreateEndpoint: (fresh) => ({ EndpointName: fresh, EndpointConfigName: 'c' }),
  DescribeEndpoint: () => ({ EndpointName: 'serving' }),
  UpdateEndpoint: () => ({ EndpointName: 'serving', EndpointConfigName: 'c' }),
  UpdateEndpointWeightsAndCapacities: () => ({
    EndpointName: 'serving',
    DesiredWeightsAndCapacities: [{ VariantName: 'AllTraffic' }],
  }),
  DeleteEndpoint: (fresh) => ({ EndpointName: fresh }),
  AddTags: () => ({ ResourceArn, Tags: [] }),
  ListTags: () => ({ ResourceArn }),
  DeleteTags: () => ({ ResourceArn, TagKeys: ['k'] }),
};

/** What an input that keeps to the model may still be refused for; each is a rule beyond the model, with its own test. */
const BEYOND_THE_MODEL = [
  /^Could not find (model|endpoint|endpoint configuration|resource|model data at) /,
  /^Could not find model data at /,
  /^Cannot create already existing /,
  /^Cannot update in-progress endpoint /,
  /^smlocal does not serve /,
  / where Mode is MultiModel/,
  /^Both .+ are specified\. Please specify only one of them\.$/,
  /^Neither PrimaryContainer nor Containers is specified\./,
  /^A container definition must have an Image or a ModelPackageName\.$/,
  /^S3Uri ".+" must end with a forward slash/,
  /^CompressionType Gzip needs S3DataType S3Object\.$/,
  /^ManagedInstanceScaling is only supported for inference component endpoints\.$/,
  /^Variant ".+" (has both|needs an|is serverless|is not serverless|must have)/,
  /^MemorySizeInMB of variant /,
  /^ProvisionedConcurrency of variant /,
  /^Environment has \d+ bytes of keys and values/,
  /^The variant name/,
  /^(CanarySize|LinearStepSize|MaximumBatchSize|MaximumExecutionTimeoutInSeconds) /,
  /^Invalid NextToken\./,
  /^A resource can have at most 50 tags\.$/,
  /^Tag keys starting with "aws:" are reserved/,
];

const agent = new Agent({ keepAlive: true, maxSockets: AT_A_TIME });

interface Answer {
  readonly status: number;
  readonly type: string | undefined;
  readonly message: string;
}

function send({ operation, input }: BoundaryCase): Promise<Answer> {
  const body = JSON.stringify(input);
  const headers = {
    'x-amz-target': `SageMaker.${operation}`,
    'content-type': 'application/x-amz-json-1.1',
    'content-length': Buffer.byteLength(body),
  };
  return new Promise((resolve, reject) => {
    const call = request(control.url, { method: 'POST', headers, agent }, async (response) => {
      try {
        const answer = await text(response);
        const { __type: type, ...rest } = answer === '' ? {} : JSON.parse(answer);
        const message = String(rest.Message ?? rest.message ?? '');
        resolve({ status: response.statusCode ?? 0, type, message });
      } catch (error) {
        reject(error);
      }
    });
    call.once('error', reject);
    call.end(body);
  });
}

/** What is wrong with an answer; undefined where it is as it must be. */
function fault(cases: readonly BoundaryCase[], { status, type, message }: Answer) {
  if (status !== 200 && status !== 400) return `status ${status}`;
  const wrong = cases.some(({ side }) => side === 'wrong type');
  if (wrong) return type === 'SerializationException' ? undefined : 'the type passed';
  const broken = cases.filter(({ side }) => side === 'outside');
  if (broken.length === 0) return status === 200 ? undefined : faultInside(type, message);
  if (type !== 'ValidationException') return `outside was answered by ${type ?? status}`;
  return broken.find(({ path, constraint }) => !names(message, path, constraint)) === undefined
    ? undefined
    : 'the message does not name the member with its constraint';
}

function names(message: string, path: string, constraint: string): boolean {
  return message.includes(` at '${path}' failed to satisfy constraint: ${constraint}`);
}

function faultInside(type: string | undefined, message: string): string | undefined {
  const known = BEYOND_THE_MODEL.some((pattern) => pattern.test(message));
  return type === 'ValidationException' && known ? undefined : 'inside was refused';
}

let fresh = 0;

/** Every boundary of the operations that are served; a config of containers has no primary one beside them. */
function allCases(): BoundaryCase[] {
  return [...OPERATIONS.keys()].flatMap((operation) => {
    const base = () => {
      fresh += 1;
      return BASES[operation]?.(`n${fresh}`) ?? {};
    };
    return [...boundaries({ contract, overrides: OVERRIDES, operation, base: base() })].map(
      (one) => {
        const { PrimaryContainer, ...rest } = {
          ...base(),
          [one.top]: one.input[one.top],
        } as Members;
        const keep = PrimaryContainer !== undefined && one.top !== 'Containers';
        return { ...one, input: keep ? { ...rest, PrimaryContainer } : rest };
      },
    );
  });
}

/** Two or three boundaries of one operation, of different members, in one request. */
function combine(all: readonly BoundaryCase[], random: () => number): BoundaryCase[] {
  const first = oneOf(all, random);
  const same = all.filter(({ operation }) => operation === first.operation);
  const chosen = new Map([[first.top, first]]);
  for (let more = random() < 0.5 ? 1 : 2; more > 0; more -= 1) {
    const one = oneOf(same, random);
    if (!chosen.has(one.top)) chosen.set(one.top, one);
  }
  const members = [...chosen.values()].map(({ top, input }) => [top, input[top]]);
  const input = { ...first.input, ...Object.fromEntries(members) };
  return [...chosen.values()].map((one) => ({ ...one, input }));
}

beforeAll(async () => {
  await control.daemon.control('CreateModel', {
    ModelName: 'm',
    PrimaryContainer: { Image: 'image' },
  });
});

test('Every request at the edge of a constraint is answered as the model says, and none by 500', async () => {
  const seed = seedOfRun();
  const random = randomOf(seed);
  const all = allCases();
  const combined = Array.from({ length: COMBINED }, () => combine(all, random));
  const requests = [...all.map((one) => [one]), ...combined];
  const counts: Record<string, number> = {};
  const faults: string[] = [];
  const queue = requests.values();
  const worker = async () => {
    for (const cases of queue) {
      const [first] = cases;
      if (first === undefined) continue;
      const answer = await send(first);
      const what = fault(cases, answer);
      const sides = cases.map(({ side }) => side);
      const group = sides.length > 1 ? 'combined' : sides[0];
      const key = `${group}: ${answer.status} ${answer.type ?? ''}`;
      counts[key] = (counts[key] ?? 0) + 1;
      if (what !== undefined) {
        const where = cases.map(({ path, side }) => `${side} ${path}`).join(', ');
        faults.push(
          `${what}: ${first.operation} ${where}: ${JSON.stringify(first.input).slice(0, 300)} → ${answer.status} ${answer.type} ${answer.message.slice(0, 300)}`,
        );
      }
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  agent.destroy();
  process.stdout.write(
    `${requests.length} generated requests over ${OPERATIONS.size} operations, seed ${seed}: ${JSON.stringify(counts)}\n`,
  );
  expect(faults.slice(0, 20)).toEqual([]);
  expect(requests.length).toBeGreaterThanOrEqual(FEWEST);
}, 180_000);
