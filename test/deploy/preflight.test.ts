import { expect, onTestFinished, test } from 'vitest';
import { manifestOf } from '../../src/deploy/manifest.js';
import { endpointFaults, manifestFaults } from '../../src/deploy/preflight.js';
import { ExitCode } from '../../src/errors.js';
import { useAccount } from './aws-account.js';
import { DeployProject } from './project.js';
import { settingsOf } from './settings.js';

const account = useAccount();

const variant = (instanceType: string) => [
  { name: 'AllTraffic', weight: 1, instanceType, instanceCount: 1 },
];
const serverless = {
  name: 'AllTraffic',
  weight: 1,
  serverless: { memory_size_in_mb: 1024, max_concurrency: 1 },
} as const;
const image = (tag: string) =>
  `763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-inference:${tag}`;

test.each<[string, Parameters<typeof settingsOf>[0], RegExp[]]>([
  [
    'a GPU image on a CPU',
    { image: image('2.6.0-gpu-py312'), variants: variant('ml.m5.large') },
    [/needs a GPU.*ml\.m5\.large/],
  ],
  [
    'a GPU image without instances',
    { image: image('2.6.0-gpu-py312'), variants: [serverless] },
    [/needs a GPU.*serverless/],
  ],
  [
    'a GPU image on a GPU',
    { image: image('2.6.0-gpu-py312'), variants: variant('ml.g5.xlarge') },
    [],
  ],
  [
    'a CPU image on a CPU',
    { image: image('2.6.0-cpu-py312'), variants: variant('ml.m5.large') },
    [],
  ],
  ['an image of one’s own', { image: 'my-gpu-thing:gpu', variants: variant('ml.m5.large') }, []],
  [
    'serverless in a VPC',
    { variants: [serverless], vpc: { subnets: ['s'], security_group_ids: ['g'] } },
    [/cannot have vpc/],
  ],
  [
    'serverless beside another',
    { variants: [serverless, ...variant('ml.m5.large')] },
    [/several variants/],
  ],
  ['serverless alone', { variants: [serverless] }, []],
])('Before anything is uploaded, %s is looked at', (_, change, faults) => {
  expect(endpointFaults(settingsOf(change))).toEqual(
    faults.map((one) => expect.stringMatching(one)),
  );
});

test('Names, types and numbers are held against AWS’s service model, and no variable’s value is shown', () => {
  const secret = `hunter2${'x'.repeat(2000)}`;
  const settings = settingsOf({
    endpointName: 'my_endpoint',
    roleName: 'arn:aws:iam::123456789012:role/R',
    environment: { TOKEN: secret },
    variants: variant('ml.m5.huge'),
  });
  const faults = manifestFaults(manifestOf(settings, '123456789012'));
  expect(faults).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^CreateModel: .*environment.* less than or equal to 1024/i),
      expect.stringMatching(
        /^CreateEndpointConfig: .*instanceType "ml\.m5\.huge": Member must satisfy enum/i,
      ),
      expect.stringMatching(
        /^CreateEndpoint: endpointName "my_endpoint": Member must satisfy regular expression/,
      ),
    ]),
  );
  expect(faults.join('\n')).not.toContain('hunter2');
  expect(
    manifestFaults(manifestOf(settingsOf({ roleName: settings.roleName }), '123456789012')),
  ).toEqual([]);
});

async function refusal(
  settings: Record<string, unknown>,
  change?: (project: DeployProject) => Promise<void>,
) {
  const project = await DeployProject.make(settings);
  onTestFinished(() => project.remove());
  await change?.(project);
  const { code, stderr } = await project.smlocal(
    ...['deploy', '--env', 'production', '--yes', '--endpoint-url', account.url],
  );
  expect([ExitCode.failed, ExitCode.usage]).toContain(code);
  expect((await account.left()).objects).toEqual([]);
  return stderr;
}

test('A name that AWS has not, and what else is wrong, is told at once and nothing is uploaded', async () => {
  const told = await refusal({ endpoint_name: 'my_news', instance_type: 'ml.m5.huge' });
  expect(told).toMatch(
    /AWS would refuse my_news:\n {2}CreateEndpointConfig: .*\n(.*\n)* {2}CreateEndpoint: /,
  );
});

test('An entry point that is not in the handler’s folder is told', async () => {
  expect(await refusal({ entry_point: 'serve.py' })).toMatch(/news has no serve\.py in .*src/);
  expect(
    await refusal({ entry_point: null }, (project) =>
      project.write('src/inference.py', '').then(async () => {
        const { rm } = await import('node:fs/promises');
        await rm(project.at('src/inference.py'));
        await project.write('src/other.py', '');
      }),
    ),
  ).toMatch(/news has no inference\.py/);
});

test('An archive that is not gzip is told, with what it is', async () => {
  const told = await refusal(
    { model_data_path: 'file://model.tar', source_dir: null, entry_point: null },
    (project) =>
      project.write(
        'model.tar',
        Buffer.concat([Buffer.alloc(257), Buffer.from('ustar'), Buffer.alloc(300)]),
      ),
  );
  expect(told).toMatch(/model\.tar is no model archive: it is a plain tar archive, not compressed/);
  expect(told).toContain('tar -czf');
});

test('A folder of archives for several models is not uploaded, and one in S3 stays where it is', async () => {
  const many = { mode: 'MultiModel', source_dir: null, entry_point: null };
  expect(await refusal({ ...many, model_data_path: 'file://model' })).toContain(
    'its archives on this machine, which a deploy does not upload',
  );
  const project = await DeployProject.make({ ...many, model_data_path: 's3://models/many/' });
  onTestFinished(() => project.remove());
  const { code, stdout, stderr } = await project.smlocal(
    ...['deploy', '--env', 'production', '--yes', '--endpoint-url', account.url],
  );
  expect({ code, stdout, stderr }).toMatchObject({ code: 0 });
  const { objects, models } = await account.left();
  expect(objects).toEqual([]);
  const described = `show(sagemaker.describe_model(ModelName="${models[0]}")["PrimaryContainer"])`;
  expect(await account.boto3(described)).toMatchObject({
    ...{ Mode: 'MultiModel', ModelDataUrl: 's3://models/many/' },
    MultiModelConfig: { ModelCacheSetting: 'Enabled' },
  });
});
