import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { configJsonSchema } from '../../src/config/json-schema.js';
import { parseConfig } from '../../src/config/parse.js';
import { ROOT } from '../support/fixtures.js';
import { pythonClients } from '../support/python-clients.js';
import { succeed } from '../support/run.js';

const PUBLISHED = `${ROOT}config.schema.json`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'smlocal-schema-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('The published schema is that of the code’s own checks (vitest -u writes it anew)', async () => {
  const text = `${JSON.stringify(configJsonSchema(), null, 2)}\n`;
  await expect(text).toMatchFileSnapshot(PUBLISHED);
});

test('The package has it, and the examples name it', () => {
  const { files } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8'));
  expect(files).toContain('config.schema.json');
  for (const example of ['config.yml', 'fixtures/plain-classifier/config.yml']) {
    const text = readFileSync(`${ROOT}${example}`, 'utf8');
    const [, schema = ''] = /^# yaml-language-server: \$schema=(\S+)$/m.exec(text) ?? [];
    expect(resolve(dirname(`${ROOT}${example}`), schema)).toBe(PUBLISHED);
  }
});

test('Every key is described', () => {
  const nameless: string[] = [];
  const look = (node: unknown, path: string) => {
    for (const [key, child] of Object.entries((node as { properties?: object }).properties ?? {})) {
      if (!('description' in (child as object))) nameless.push(`${path}.${key}`);
      look(child, `${path}.${key}`);
      look(
        (child as { additionalProperties?: unknown }).additionalProperties ?? {},
        `${path}.${key}.*`,
      );
    }
  };
  look(configJsonSchema(), '');
  expect(nameless).toEqual([]);
});

const block = (keys: string) => `environments: { local: { model_name: m, image: i, ${keys} } }`;

const TEXTS: readonly string[] = [
  ...[
    '{}',
    'port: 4577',
    'port: 0',
    'port: "4577"',
    'prot: 1',
    'region: eu-west-1',
    'region: Ireland',
  ],
  ...[
    'account: "123456789012"',
    'account: 123456789012',
    'host: 0.0.0.0',
    'host: example.com',
    '[]',
  ],
  ...[
    'access_keys: { A: b }',
    'access_keys: { A-B: c }',
    'access_keys: { A: "" }',
    'engine: podman',
  ],
  ...[
    'allowed_hosts: ["*.a.b"]',
    'allowed_hosts: ["a:1"]',
    'watch: { polling: maybe }',
    'environments: { local: }',
  ],
  ...[
    'environments: { any: { bucket: b, keep_versions: 0 } }',
    'environments: { any: { keep_versions: -1 } }',
  ],
  ...[
    ...[
      'instance_type: local_gpu',
      'instance_type: ml.g5.xlarge',
      'instance_type: m5',
      'environment: { A: 1, B: true }',
    ],
    ...[
      'environment: { A: [] }',
      'tags: { a: null }',
      'model_data_path: /srv',
      'model_data_path: "s3://b/k"',
    ],
    ...[
      'framework: pytorch',
      'framework: torch',
      'framework_version: 2.6',
      'framework_version: "2.6"',
      'py_version: 3.12',
    ],
    ...[
      'serverless: { memory_size_in_mb: 2048, max_concurrency: 5 }',
      'serverless: { memory_size_in_mb: 2000, max_concurrency: 5 }',
    ],
    ...[
      'serverless: { memory_size_in_mb: 2048 }',
      'variants: { a: { initial_variant_weight: 0.5 } }',
      'variants: { a: { weight: 1 } }',
    ],
    ...[
      'async: { s3_output_path: "s3://b/o", success_topic: "arn:aws:sns:eu-west-1:123456789012:t" }',
      'async: {}',
    ],
    ...[
      'data_capture: { destination_s3_uri: "s3://b/c", capture: [Input] }',
      'data_capture: { destination_s3_uri: "s3://b/c", capture: [Everything] }',
    ],
    ...[
      'data_capture: { destination_s3_uri: "s3://b/c", sampling_percentage: 101 }',
      'vpc: { subnets: [a], security_group_ids: [b] }',
    ],
    ...[
      'vpc: { subnets: [a] }',
      'kms_key: k',
      'mode: SingleModel',
      'mode: Many',
      'model_cache_setting: true',
      'kms_key: 1',
      'debug: 1',
      'reload: restart',
      'reload: never',
    ],
    ...['container_startup_health_check_timeout: 59', 'container_startup_health_check_timeout: 60'],
  ].map(block),
];

const JUDGE = `
import json, sys, yaml, jsonschema
validator = jsonschema.Draft7Validator(json.load(open(sys.argv[1])))
jsonschema.Draft7Validator.check_schema(validator.schema)
print(json.dumps([validator.is_valid(yaml.safe_load(text)) for text in json.load(open(sys.argv[2]))]))
`;

test('A validator that is not ours takes and refuses by it what the code does', async () => {
  writeFileSync(join(folder, 'texts.json'), JSON.stringify(TEXTS));
  const python = join(await pythonClients(), 'bin', 'python');
  const verdicts = JSON.parse(
    await succeed(python, ['-c', JUDGE, PUBLISHED, join(folder, 'texts.json')]),
  ) as boolean[];
  const judged = (verdict: (text: string, index: number) => boolean) =>
    TEXTS.map((text, index) => `${verdict(text, index) ? 'takes' : 'refuses'} ${text}`);
  const ours = judged((text) => isTaken(text));
  expect(ours.filter((one) => one.startsWith('takes')).length).toBeGreaterThan(15);
  expect(judged((_, index) => verdicts[index] ?? false)).toEqual(ours);
});

function isTaken(text: string): boolean {
  try {
    parseConfig(text, 'config.yml');
    return true;
  } catch {
    return false;
  }
}
