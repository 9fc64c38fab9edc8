import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EndpointSettings } from '../../src/config/config.js';
import { loadConfig } from '../../src/config/load.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'smlocal-wide-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function load(text: string, environment?: string): EndpointSettings {
  const file = join(folder, 'config.yml');
  writeFileSync(file, text);
  const [endpoint, ...others] = loadConfig(file, {}, environment).endpoints;
  if (endpoint === undefined || others.length > 0) return expect.fail('It is not one endpoint.');
  return endpoint;
}

const only = (keys: string) =>
  load(`region: eu-west-1\nenvironments: { local: { model_name: m, ${keys} } }`);

/* What the SageMaker Python SDK 2.257 answers for the same (image_uris.retrieve, scope inference). */
test.each([
  [
    'framework: pytorch, framework_version: "2.6.0", py_version: py312, instance_type: ml.m5.xlarge',
    '763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-inference:2.6.0-cpu-py312',
  ],
  [
    'framework: pytorch, framework_version: "2.6.0", py_version: py312, instance_type: ml.g5.xlarge',
    '763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-inference:2.6.0-gpu-py312',
  ],
  [
    'framework: pytorch, framework_version: "2.6.0", py_version: py312, instance_type: local_gpu',
    '763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-inference:2.6.0-gpu-py312',
  ],
  [
    'framework: tensorflow, framework_version: "2.16.1"',
    '763104351884.dkr.ecr.eu-west-1.amazonaws.com/tensorflow-inference:2.16.1-cpu',
  ],
  [
    'framework: sklearn, framework_version: 1.2-1',
    '141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3',
  ],
  [
    'framework: xgboost, framework_version: 1.7-1',
    '141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:1.7-1',
  ],
])('AWS’s own image is known by {%s}', (keys, image) => {
  expect(only(keys).image).toBe(image);
});

test('The registry is that of the environment’s region, and China’s has its own domain', () => {
  const text = (region: string) => `environments:
  production: { model_name: m, region: ${region}, framework: xgboost, framework_version: 1.7-1 }`;
  expect(load(text('us-west-2'), 'production').image).toMatch(
    /^246618743249\.dkr\.ecr\.us-west-2\./,
  );
  expect(load(text('cn-north-1'), 'production').image).toMatch(/\.amazonaws\.com\.cn\//);
});

test.each<[string, string]>([
  ['framework: pytorch', 'environments.local has no framework_version; add "framework_version: …"'],
  ['framework: pytorch, framework_version: "2.6.0"', 'environments.local.py_version: is missing'],
  [
    'framework: pytorch, framework_version: "1.1.0", py_version: py3',
    'environments.local.framework_version: images before 1.2',
  ],
  [
    'framework: torch, framework_version: "2.6.0"',
    'environments.local.framework: Invalid option: expected one of "pytorch"',
  ],
  [
    'framework: xgboost, framework_version: 1.7-1, image: mine',
    'environments.local has both image and framework',
  ],
  [
    'image: i, serverless: { memory_size_in_mb: 1000, max_concurrency: 1 }',
    'serverless.memory_size_in_mb: must be one of 1024, 2048',
  ],
  [
    'image: i, instance_type: ml.m5.large, serverless: { memory_size_in_mb: 1024, max_concurrency: 1 }',
    'has both serverless and instance_type',
  ],
  [
    'image: i, variants: { a: { initial_variant_wait: 1 } }',
    'unknown key "initial_variant_wait" of environments.local.variants.a; did you mean "initial_variant_weight"?',
  ],
  ['image: i, async: { s3_output: "s3://b/o" }', 'did you mean "s3_output_path"?'],
  ['image: i, vpc: { subnets: [], security_group_ids: [s] }', 'environments.local.vpc.subnets: '],
  ['image: i, data_capture: { destination_s3_uri: /tmp }', 'must start with s3://'],
  [
    'image: i, mode: MultiModel',
    'environments.local has mode MultiModel and no model_data_path; add "model_data_path: …"',
  ],
  [
    'image: i, mode: MultiModel, model_data_path: "s3://b/m", source_dir: code',
    'environments.local has both mode MultiModel and source_dir: each archive has its own code',
  ],
  [
    'image: i, mode: MultiModel, model_data_path: "s3://b/m", serverless: { memory_size_in_mb: 1024, max_concurrency: 1 }',
    'environments.local has both mode MultiModel and serverless',
  ],
  [
    'image: i, model_cache_setting: Disabled',
    'model_cache_setting, which is for "mode: MultiModel" only',
  ],
  ['image: i, mode: multi', 'environments.local.mode: Invalid option'],
  ['image: i, instance_type: ml_m5', 'must be "local", "local_gpu" or an ml.… instance type'],
])('{%s} is refused with where it stands', (keys, fault) => {
  const refused = () => only(keys);
  expect(refused).toThrow(/^config\.yml:2:\d+: [^\n]*$/);
  expect(refused).toThrow(fault);
});

const SHARED = `
environments:
  default: &default
    model_name: m
    framework: xgboost
    framework_version: 1.7-1
    serverless: { memory_size_in_mb: 2048, max_concurrency: 5 }
`;

test.each(['', '<<: *default, '])(
  'What a block says takes the place of its rival too (%j)',
  (merge) => {
    const { image, variants } = load(`${SHARED}
  local: { ${merge}image: mine, instance_type: local }`);
    expect(image).toBe('mine');
    expect(variants).toMatchObject([{ instanceType: 'local', instanceCount: 1 }]);
    expect(variants[0]).not.toHaveProperty('serverless');
  },
);

test('What is inherited stays where nothing takes its place', () => {
  const { image, variants } = load(`${SHARED}\n  local: { tags: { a: b } }`);
  expect(image).toContain('sagemaker-xgboost:1.7-1');
  expect(variants).toMatchObject([
    { name: 'AllTraffic', serverless: { memory_size_in_mb: 2048, max_concurrency: 5 } },
  ]);
});

test('Variants have what their endpoint says, unless they say otherwise', () => {
  const { variants } = only(`image: i, instance_type: ml.m5.large, initial_instance_count: 2,
    container_startup_health_check_timeout: 90,
    variants: { a: {}, b: { initial_instance_count: 1, initial_variant_weight: 0.5, instance_type: ml.c5.large },
      c: { serverless: { memory_size_in_mb: 1024, max_concurrency: 1 } } }`);
  expect(variants).toEqual([
    {
      name: 'a',
      weight: 1,
      instanceType: 'ml.m5.large',
      instanceCount: 2,
      startupTimeoutSeconds: 90,
    },
    {
      name: 'b',
      weight: 0.5,
      instanceType: 'ml.c5.large',
      instanceCount: 1,
      startupTimeoutSeconds: 90,
    },
    {
      name: 'c',
      weight: 1,
      serverless: { memory_size_in_mb: 1024, max_concurrency: 1 },
      startupTimeoutSeconds: 90,
    },
  ]);
});

test('Every fault of a file is told at once, those of several endpoints too', () => {
  const file = join(folder, 'config.yml');
  writeFileSync(file, 'endpoints:\n  a: {}\n  b: { framework: xgboost }\n');
  expect(() => loadConfig(file, {})).toThrow(
    /^config\.yml:2:6: endpoints\.a has no image.*\nconfig\.yml:3:6: endpoints\.b has no framework_version.*$/,
  );
});

test('No message shows what a variable’s value is', () => {
  const secret = 'hunter2hunter2';
  const texts = [
    `environments: { local: { model_name: m, environment: { KEY: ${secret} } } }\nendpoints: { e: {} }`,
    `environments: { local: { model_name: m, image: i, environment: { KEY: [${secret}] } } }`,
    `environments: { local: { model_name: m, image: i, environment: ${secret} } }`,
    `environments: { local: { model_name: m, image: i, environment: { KEY: ${secret}, KEY: 1 } } }`,
    `access_keys: { AKID: [${secret}] }`,
    `access_keys: { "a-b": ${secret} }`,
    `access_keys:\n  AKID: ${secret}\n BAD: x`,
  ];
  const file = join(folder, 'config.yml');
  for (const text of texts) {
    writeFileSync(file, text);
    const message = () => {
      try {
        loadConfig(file, {});
      } catch (error) {
        return `${(error as Error).message}${(error as { hint?: string }).hint}`;
      }
      return expect.fail(`It was taken: ${text}`);
    };
    expect(message()).not.toContain(secret);
  }
});
