import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.js';
import { SmlocalError } from '../../src/errors.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'smlocal-config-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function load(text: string, environment: NodeJS.ProcessEnv = {}) {
  const file = join(folder, 'config.yml');
  writeFileSync(file, text);
  return loadConfig(file, environment);
}

/** The faults that a text is refused with, one a line. */
function faultsOf(text: string): string[] {
  try {
    load(text);
  } catch (error) {
    if (error instanceof SmlocalError) return error.message.split('\n');
    throw error;
  }
  return expect.fail('The config was taken.');
}

/** The document's own: settings by environment, what they share under a merge key. */
const BY_ENVIRONMENT = `
environments:
  default: &default
    model_name: pytorch-text-classification
    aws_role: AmazonSageMakerFullAccess
    image: pytorch
  local:
    <<: *default
    instance_type: local
    model_data_path: file://build/model.tar.gz
  production:
    <<: *default
    instance_type: ml.t2.medium
    model_data_path: s3://bucket/model.tar.gz
`;

test('Of the document’s environments, the local one is served, with what it shares', () => {
  expect(load(BY_ENVIRONMENT).endpoints).toMatchObject([
    {
      endpointName: 'pytorch-text-classification',
      modelName: 'pytorch-text-classification',
      image: 'pytorch',
      roleName: 'AmazonSageMakerFullAccess',
      variants: [{ name: 'AllTraffic', weight: 1, instanceType: 'local', instanceCount: 1 }],
      modelDataUrl: `file://${folder}/build/model.tar.gz`,
    },
  ]);
});

test('The project’s own config.yml loads', () => {
  const { endpoints } = loadConfig('config.yml', {});
  expect(endpoints.map(({ endpointName }) => endpointName)).toEqual([
    'pytorch-text-classification',
  ]);
});

test('What a block says itself wins over what it merges in', () => {
  const text = `
environments:
  default: &default { model_name: m, image: shared }
  local: { <<: *default, image: own }
`;
  expect(load(text).endpoints[0]?.image).toBe('own');
});

test('What a block does not say is as default says it, without a merge key too', () => {
  const text = `
environments:
  default: { model_name: m, image: shared, aws_role: R }
  staging: { image: own, instance_type: ml.m5.large }
`;
  writeFileSync(join(folder, 'config.yml'), text);
  const of = (name: string) => loadConfig(join(folder, 'config.yml'), {}, name).endpoints[0];
  expect(of('staging')).toMatchObject({ modelName: 'm', image: 'own', roleName: 'R' });
  expect(of('local')).toMatchObject({ image: 'shared', variants: [{ instanceType: 'local' }] });
});

test('An environment that the file has not is refused, whatever default says', () => {
  writeFileSync(join(folder, 'config.yml'), BY_ENVIRONMENT);
  expect(() => loadConfig(join(folder, 'config.yml'), {}, 'prodution')).toThrow(
    expect.objectContaining({
      message: 'config.yml has no environment prodution.',
      hint: 'It has default, local, production.',
    }),
  );
});

test('A file that says nothing has the defaults', () => {
  for (const text of ['', '{}', '# only a comment']) {
    expect(load(text)).toMatchObject({
      file: join(folder, 'config.yml'),
      port: 4577,
      region: 'us-east-1',
      accountId: '000000000000',
      images: {},
      endpoints: [],
    });
  }
});

test('The region is the file’s, else the user’s own, else us-east-1', () => {
  expect(load('region: eu-west-1', { AWS_REGION: 'ap-south-1' }).region).toBe('eu-west-1');
  expect(load('', { AWS_REGION: 'ap-south-1', AWS_DEFAULT_REGION: 'x' }).region).toBe('ap-south-1');
  expect(load('', { AWS_DEFAULT_REGION: 'eu-north-1' }).region).toBe('eu-north-1');
  expect(load('', { AWS_REGION: '' }).region).toBe('us-east-1');
});

test('A path is relative to the file, unless it is absolute or elsewhere', () => {
  const path = (value: string) =>
    load(`environments: { local: { model_name: m, image: i, model_data_path: "${value}" } }`)
      .endpoints[0]?.modelDataUrl;
  expect(path('file://build/model.tar.gz')).toBe(`file://${folder}/build/model.tar.gz`);
  expect(path('file://../my model.tar.gz')).toBe(`file://${tmpdir()}/my%20model.tar.gz`);
  expect(path('file:///srv/model.tar.gz')).toBe('file:///srv/model.tar.gz');
  expect(path('s3://bucket/model.tar.gz')).toBe('s3://bucket/model.tar.gz');
});

test('A handler’s folder is relative to the file', () => {
  const text = 'environments: { local: { model_name: m, image: i, source_dir: src } }';
  expect(load(text).endpoints[0]?.sourceDirectory).toBe(join(folder, 'src'));
});

test('Endpoints inherit what their environment says, and are called by their key', () => {
  const text = `
environments:
  local:
    image: shared
    environment: { LEVEL: 1 }
    endpoints:
      one: {}
      two: { image: own, endpoint_name: second, model_name: m2 }
endpoints:
  three: { initial_instance_count: 2 }
`;
  const { endpoints } = load(text);
  const shown = endpoints.map(({ endpointName, modelName, image, variants }) => [
    ...[endpointName, modelName, image, variants[0]?.instanceCount],
  ]);
  expect(shown.sort()).toEqual([
    ['one', 'one', 'shared', 1],
    ['second', 'm2', 'own', 1],
    ['three', 'three', 'shared', 2],
  ]);
  expect(endpoints[0]?.environment).toEqual({ LEVEL: '1' });
});

test('Environment variables and tags are texts, whatever they look like', () => {
  const text =
    'environments: { local: { model_name: m, image: i, environment: { A: 1, B: true, C: 1.5, D: "x" } } }';
  expect(load(text).endpoints[0]?.environment).toEqual({ A: '1', B: 'true', C: '1.5', D: 'x' });
});

test('An endpoint says how it is replaced, by one of two words', () => {
  const text = (word: string) =>
    `environments: { local: { model_name: m, image: i, reload: ${word} } }`;
  expect(load(text('restart')).endpoints[0]?.reload).toBe('restart');
  expect(faultsOf(text('never'))).toHaveLength(1);
});

test('An endpoint without an image, or an environment without a name, is told what to add', () => {
  expect(faultsOf('endpoints:\n  e: {}\n  f: {}\n')).toEqual([
    'config.yml:2:6: endpoints.e has no image and no framework; add "image: …" to it',
    'config.yml:3:6: endpoints.f has no image and no framework; add "image: …" to it',
  ]);
  expect(faultsOf('environments: { local: { image: i } }')).toEqual([
    'config.yml:1:24: environments.local has no model_name; add "model_name: …" to it',
  ]);
});

const faults: [what: string, text: string, fault: string][] = [
  ['an unknown key', 'prot: 1', 'config.yml:1:1: unknown key "prot"; did you mean "port"?'],
  [
    'an unknown key deep within',
    'environments:\n  local:\n    model_nam: m\n',
    'config.yml:3:5: unknown key "model_nam" of environments.local; did you mean "model_name"?',
  ],
  [
    'an unknown key of an endpoint',
    'endpoints:\n  e:\n    imagee: x',
    'config.yml:3:5: unknown key "imagee" of endpoints.e; did you mean "image"?',
  ],
  [
    'an unknown key that holds a block',
    'imagess:\n  a: b\n',
    'config.yml:1:1: unknown key "imagess"; did you mean "images"?',
  ],
  ['a key like no other', 'zzzzzzzz: 1', 'config.yml:1:1: unknown key "zzzzzzzz"'],
  ['a number that is out of range', '\nport: 70000', 'config.yml:2:7: port: '],
  ['a text for a number', 'port: many', 'config.yml:1:7: port: '],
  ['an account without quotes', 'account: 123456789012', 'config.yml:1:10: account: '],
  ['a region that is none', 'region: Ireland', 'config.yml:1:9: region: must be a region'],
  [
    'a path without its scheme',
    'endpoints: { e: { image: i, model_data_path: /srv/m } }',
    'config.yml:1:46: endpoints.e.model_data_path: must start with file:// or s3://',
  ],
  ['what is no YAML', 'a: [1', 'config.yml:1:6: '],
  ['a key that is there twice', 'port: 1\nport: 2', 'config.yml:2:1: '],
  ['a file that is a list', '- 1', 'config.yml:1:1: '],
];

test.each(faults)('%s: refused with where it stands', (_what, text, fault) => {
  const [first = ''] = faultsOf(text);
  expect(first.slice(0, fault.length)).toBe(fault);
});

test('All faults are said at once, each on its line', () => {
  expect(faultsOf('prot: 1\nregion: x\nimagess: {}')).toHaveLength(3);
});

test('A file that was named must be there; config.yml need not be', () => {
  expect(() => loadConfig(join(folder, 'nope.yml'), {})).toThrow(`There is no ${folder}/nope.yml.`);
});
