import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import type { BenchReport } from '../../src/bench/report.js';
import { ExitCode } from '../../src/errors.js';
import { useAccount } from '../deploy/aws-account.js';
import { AWS_IMAGE, DeployProject, REGION } from '../deploy/project.js';

/* `smlocal bench` against endpoints of the process engine, by a daemon that verifies signatures. No time is asserted. */

/** Notes each request that it gets; what is a number comes back, anything else raises. */
const HANDLER = `import json, os
def model_fn(folder): return None
def input_fn(body, content_type): return json.loads(body)
def predict_fn(data, model):
    with open(os.environ["SEEN"], "a") as seen: seen.write(f"{data}\\n")
    if not isinstance(data, int): raise ValueError(f"{data} is no number")
    return data
def output_fn(prediction, accept): return json.dumps(prediction)
`;

let project: DeployProject;
const smlocal = (...args: string[]) => project.smlocal(...args);

async function measured(...args: string[]): Promise<BenchReport> {
  const { code, stdout, stderr } = await smlocal('bench', ...args, '--json');
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return JSON.parse(stdout) as BenchReport;
}

/** What the handlers were asked since the test began. */
async function seen(): Promise<string[]> {
  const text = await readFile(project.at('seen'), 'utf8');
  return text.split('\n').filter((line) => line !== '');
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => `${index}`);

beforeAll(async () => {
  project = await DeployProject.make();
  await project.write('src/inference.py', HANDLER);
  const shared = {
    ...{ model_name: 'news', model_data_path: 'file://model', source_dir: 'src' },
    entry_point: 'inference.py',
  };
  const environment = { SEEN: project.at('seen') };
  const local = { ...shared, image: 'none', environment, variants: { A: {}, B: {} } };
  const production = {
    ...{ ...shared, image: AWS_IMAGE, aws_role: 'SageMakerRole', region: REGION },
    instance_type: 'ml.m5.xlarge',
  };
  const keys = { verify_signatures: true, access_keys: { AKIDLOCAL: 'secret' } };
  const config = { engine: 'process', ...keys, environments: { local, production } };
  await project.write('config.yml', JSON.stringify(config));
  await project.write('numbers', `${numbers(60).join('\n')}\n\n`);
  expect(await smlocal('up', '--detach', '--no-watch', '--port', '0')).toMatchObject({ code: 0 });
}, 120_000);
afterAll(async () => {
  await smlocal('down', '--force');
  await project.remove();
});
beforeEach(() => project.write('seen', ''));

test('Every request that was asked for is answered once, and CloudWatch tells what the model took of it', async () => {
  const args = ['--payload-lines', 'numbers', '--requests', '60', '--concurrency', '4'];
  const report = await measured('news', ...args);
  expect((await seen()).sort()).toEqual(numbers(60).sort());
  const [run, ...others] = report.runs;
  expect(others).toEqual([]);
  expect(run).toMatchObject({
    ...{ endpointName: 'news', concurrency: 4, sent: 60, unsent: 0, brokenOff: 0 },
    ...{ answered: 60, failed: 0, errors: [] },
  });
  const { A = 0, B = 0 } = run?.variants ?? {};
  expect(A + B).toBe(60);
  expect(run?.rounds.reduce((sum, { answered }) => sum + answered, 0)).toBe(60);
  expect(run?.histogram.reduce((sum, { count }) => sum + count, 0)).toBe(60);
  const { min = 0, p50 = 0, p99 = 0, max = 0 } = run?.latencyMs ?? {};
  expect([min, p50, p99, max]).toEqual([min, p50, p99, max].sort((a, b) => a - b));
  expect(report).toMatchObject({
    ...{ format: 'smlocal-bench/1', environment: 'local', endedEarly: false },
    load: { requests: 60, payloads: { count: 60, leastBytes: 1, mostBytes: 2 } },
  });
  const [{ variants = [] } = {}] = report.service;
  expect(variants.map(({ variantName }) => variantName)).toEqual(['A', 'B']);
  expect(variants.reduce((sum, { invocations }) => sum + invocations, 0)).toBeGreaterThanOrEqual(
    60,
  );
  for (const { modelLatencyMs, overheadLatencyMs } of variants) {
    expect(modelLatencyMs?.p50).toBeGreaterThan(0);
    expect(overheadLatencyMs?.average).toBeGreaterThan(0);
  }
});

test('A model that raises is counted by kind, shown with what it said, and the exit code tells', async () => {
  await project.write('mixed', '1\n"what"\n2\n"what"\n');
  const { code, stdout } = await smlocal(
    'bench',
    'news',
    '--payload-lines',
    'mixed',
    '--requests',
    '20',
  );
  expect(code).toBe(ExitCode.endpointFailed);
  expect(stdout).toMatch(/10 answered in .*; 10 failed/);
  expect(stdout).toMatch(/10 × ModelError 424, the model answered 500\n.*what is no number/);
  expect(stdout).toMatch(/ModelLatency of A .* ms/);
});

test('Failures are told of each concurrency, and where two are compared', async () => {
  await project.write('mixed', '1\n"what"\n');
  const args = ['--payload-lines', 'mixed', '--requests', '12', '--no-metrics'];
  const levels = await smlocal('bench', 'news', ...args, '--concurrency', '1,2');
  expect(levels.stdout).toMatch(
    /Failed with 1 at once:\n +6 × ModelError.*\n.*\n+ +Failed with 2 at once:\n +6 × /,
  );
  const compared = await smlocal('bench', 'news/A', ...args, '--compare', 'news/B');
  expect(compared).toMatchObject({
    ...{
      code: ExitCode.endpointFailed,
      stdout: expect.stringContaining('what is compared are the others'),
    },
  });
});

test('Two variants are measured in turn, each gets what was asked for, and the verdict has its interval', async () => {
  const report = await measured(
    'news/A',
    '1',
    '--compare',
    'news/B',
    '--requests',
    '80',
    '--rounds',
    '8',
  );
  const [a, b] = report.runs;
  expect(a).toMatchObject({ variantName: 'A', answered: 80, variants: { A: 80 } });
  expect(b).toMatchObject({ variantName: 'B', answered: 80, variants: { B: 80 } });
  expect(report.comparison).toMatchObject({
    ...{ first: 'news/A', second: 'news/B', verdict: { rounds: [8, 8] } },
  });
  for (const { ratio } of report.comparison?.verdict.changes ?? []) {
    expect(ratio.low).toBeLessThanOrEqual(ratio.estimate);
    expect(ratio.estimate).toBeLessThanOrEqual(ratio.high);
  }
});

test('An earlier run is compared with, and what was otherwise then is told', async () => {
  const args = ['--requests', '50'];
  expect(await smlocal('bench', 'news', '1', '--save', 'run.json', ...args)).toMatchObject({
    code: 0,
  });
  const same = await measured('news', '1', '--compare', 'run.json', ...args);
  expect(same.comparison).toMatchObject({
    ...{ first: 'run.json', second: 'news', differences: [], verdict: { rounds: [10, 10] } },
  });
  const { code, stdout } = await smlocal('bench', 'news', '12', '--compare', 'run.json', ...args);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /news against run\.json, over 10 and 10 rounds[\s\S]*not made in the same way:\n +payload: /,
  );
});

test('Several concurrencies are measured one after the other, in a table that says what they show', async () => {
  const { code, stdout } = await smlocal(
    'bench',
    'news',
    '1',
    '--concurrency',
    '1,3',
    '--requests',
    '30',
  );
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /at once +a second +p50 +p90 +p99 +answered +failed\n +1 .* 30 +0\n +3 .* 30 +0\n/,
  );
  expect(await seen()).toHaveLength(60);
});

test('Requests come at the rate that was asked for, whatever their answers', async () => {
  const report = await measured('news', '1', '--rate', '200', '--requests', '40', '--no-metrics');
  const [run] = report.runs;
  expect(run).toMatchObject({ sent: 40, answered: 40, unsent: 0, lateMs: { count: 40 } });
  // The last is due 195 ms after the first.
  expect(run?.elapsedMs).toBeGreaterThanOrEqual(195);
  expect(report.service).toEqual([]);
});

test('Ctrl-C ends it with what was measured until then', async () => {
  const bench = project.start('bench', 'news', '1', '--duration', '1h', '--warm-up', '0');
  await vi.waitFor(async () => expect((await seen()).length).toBeGreaterThan(20), 20_000);
  bench.signal('SIGINT');
  expect(await bench.ended).toBe(ExitCode.interrupted);
  expect(bench.output).toMatch(/news in local: 1 at once, for 1 h, [\s\S]*answered in/);
  expect(bench.output).toContain('Ended by Ctrl-C');
});

test('What cannot be measured is said before anything is sent, with what to type', async () => {
  const refused = async (code: number, message: RegExp, ...args: string[]) => {
    const ran = await smlocal('bench', ...args);
    expect(ran).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(message) });
  };
  await refused(5, /There is no endpoint sports\.\n {2}.*smlocal status/, 'sports', '1');
  await refused(2, /news has no variant C\.\n {2}It has A, B\./, 'news/C', '1');
  await refused(2, /--concurrency 0 is no whole number/, 'news', '1', '--concurrency', '0');
  await refused(2, /--duration soon is no time/, 'news', '1', '--duration', 'soon');
  await refused(2, /More than one payload is given/, 'news', '1', '--payload-size', '2kB');
  await refused(2, /cannot be read: .*nowhere/, 'news', '@nowhere');
  await refused(
    2,
    /no earlier run in nowhere\.json.*\n.*--save nowhere\.json/,
    'news',
    '1',
    '--compare',
    'nowhere.json',
  );
  await refused(2, /smlocal-bench\/1/, 'news', '1', '--compare', 'config.yml');
  expect(await seen()).toEqual([]);
});

const account = useAccount();

test('In production it asks first, with what is known of the cost; with --yes the endpoint there is measured', async () => {
  const there = ['--env', 'production', '--endpoint-url', account.url];
  expect(await smlocal('deploy', ...there, '--yes')).toMatchObject({ code: 0 });
  const args = ['news', '1', ...there, '--requests', '12', '--concurrency', '2', '--no-metrics'];
  const asked = await smlocal('bench', ...args, '--price-per-hour', '0.25');
  expect(asked).toMatchObject({ code: ExitCode.usage, stdout: '' });
  expect(asked.stderr).toMatch(/requests: 12, 12 B sent in all/);
  expect(asked.stderr).toMatch(/AllTraffic: 1 × ml\.m5\.xlarge, paid for whether/);
  expect(asked.stderr).toMatch(/--yes/);
  const report = await measured(...args, '--yes');
  expect(report).toMatchObject({ environment: 'production', runs: [{ answered: 12, failed: 0 }] });
}, 60_000);

test('Without a daemon it says how to start one', async () => {
  const other = await DeployProject.make();
  onTestFinished(() => other.remove());
  expect(await other.smlocal('bench', 'news', '1')).toMatchObject({
    ...{ code: ExitCode.notRunning, stderr: expect.stringContaining('smlocal up') },
  });
});
