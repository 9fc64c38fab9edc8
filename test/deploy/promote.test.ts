import { afterAll, beforeAll, expect, test } from 'vitest';
import { ExitCode } from '../../src/errors.js';
import { useAccount } from './aws-account.js';
import { AWS_IMAGE, DeployProject, REGION } from './project.js';

/* From a handler here to production: served by the process engine, tested, and promoted to an account of moto's. */

const account = useAccount();

const HANDLER = `import json
def model_fn(folder): return int(open(folder + "/weights.bin").read())
def input_fn(body, content_type): return json.loads(body)
def predict_fn(data, model): return [value * model for value in data]
def output_fn(prediction, accept): return json.dumps(prediction)
`;

const TESTS = {
  doubled: { body: [1, 2.5], expect: { json: [2, 5], tolerance: 0.001 } },
  'from a file': { file: 'payload.json', expect: { contains: '42' } },
  'what is no list': { body: 'no JSON', expect: { status: 500 } },
};

let project: DeployProject;
const smlocal = (...args: string[]) => project.smlocal(...args);
const promote = () => smlocal('promote', '--yes', '--endpoint-url', account.url);

async function configure(tests: object): Promise<void> {
  const shared = {
    ...{ model_name: 'news', model_data_path: 'file://model', source_dir: 'src' },
    ...{ entry_point: 'inference.py', tests },
  };
  const environments = {
    default: shared,
    local: { image: 'none' },
    production: {
      image: AWS_IMAGE,
      aws_role: 'SageMakerRole',
      instance_type: 'ml.m5.xlarge',
      region: REGION,
    },
  };
  await project.write('config.yml', JSON.stringify({ engine: 'process', environments }));
}

beforeAll(async () => {
  project = await DeployProject.make();
  await project.write('src/inference.py', HANDLER);
  await project.write('model/weights.bin', '2');
  await project.write('payload.json', '[21]');
  await configure(TESTS);
  expect(await smlocal('up', '--detach', '--no-watch', '--port', '0')).toMatchObject({ code: 0 });
}, 120_000);
afterAll(async () => {
  await smlocal('down', '--force');
  await project.remove();
});

test('Tests that pass are told one by one; a folder that is served may be tested, and not promoted', async () => {
  const { code, stdout, stderr } = await smlocal('test');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  for (const name of Object.keys(TESTS))
    expect(stdout).toMatch(new RegExp(`news: ${name}: passed in`));
  expect(stdout).toContain('news in local: 3 of 3 passed');
  expect(stdout).toContain('smlocal deploy && smlocal test');
  const refused = await promote();
  expect(refused.code).toBe(ExitCode.failed);
  expect(refused.stderr).toMatch(
    /news is not promoted\. Its package \w{12} has not passed "smlocal test" here/,
  );
  expect((await account.left()).models).toEqual([]);
}, 60_000);

test('A package that was deployed and tested here goes to production; another, or with other tests, does not', async () => {
  expect(await smlocal('deploy')).toMatchObject({ code: 0, stderr: '' });
  expect((await smlocal('test')).stdout).toMatch(/package \w{12} may be promoted/);
  expect(await promote()).toMatchObject({ code: 0, stderr: '' });
  expect(Object.keys((await account.left()).endpoints)).toEqual(['news']);

  await project.write('src/inference.py', `${HANDLER}# another\n`);
  expect((await promote()).stderr).toMatch(/has not passed "smlocal test" here/);
  await project.write('src/inference.py', HANDLER);
  await project.write('payload.json', '[ 21]');
  expect((await promote()).stderr).toMatch(
    /tests that its package \w{12} passed on \S+ have changed/,
  );
  await project.write('payload.json', '[21]');
  expect(await promote()).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('nothing to do'),
  });
}, 120_000);

test('A test that fails says what differs, and its package may not be promoted', async () => {
  await project.write('src/inference.py', HANDLER.replace('value * model', 'value + model'));
  expect(await smlocal('deploy')).toMatchObject({ code: 0, stderr: '' });
  const { code, stdout } = await smlocal('test');
  expect(code).toBe(ExitCode.failed);
  expect(stdout).toMatch(
    /news: doubled: FAILED\n {4}\$\[0\] is 3, and not 2\n {4}\$\[1\] is 4\.5, and not 5\n/,
  );
  expect(stdout).toContain('1 of 3 passed');
  expect((await promote()).code).toBe(ExitCode.failed);
}, 60_000);

test('In production the endpoint there is asked', async () => {
  const { code, stdout } = await smlocal(
    'test',
    '--env',
    'production',
    '--endpoint-url',
    account.url,
  );
  expect(code).toBe(ExitCode.failed);
  expect(stdout).toMatch(/doubled: FAILED\n {4}it is no JSON: /);
  expect(stdout).toContain('news in production: 0 of 3 passed');
}, 60_000);

test('Without tests, or with a payload that is not there, it says what to add', async () => {
  await configure({});
  const none = await smlocal('test');
  expect(none).toMatchObject({
    code: ExitCode.usage,
    stderr: expect.stringContaining('has no tests for local'),
  });
  await configure({ lost: { file: 'nowhere.json' } });
  expect((await smlocal('test')).stderr).toMatch(
    /payload of the test lost cannot be read: .*nowhere\.json/,
  );
  await configure({ both: { file: 'payload.json', body: 1 } });
  expect((await smlocal('test')).stderr).toContain('tests.both has both body and file');
}, 60_000);
