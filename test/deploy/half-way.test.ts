import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { ExitCode } from '../../src/errors.js';
import { useAccount } from './aws-account.js';
import { standBetween } from './between.js';
import { DeployProject } from './project.js';

const account = useAccount();

beforeEach(() => account.empty());

/** Three parts. */
const LARGE = 18_000_000;

async function projectWith(settings: Record<string, unknown> = {}) {
  const project = await DeployProject.make(settings);
  onTestFinished(() => project.remove());
  return project;
}

const to = (url: string) => ['deploy', '--env', 'production', '--endpoint-url', url, '--yes'];

const ONE_OF_EACH = {
  buckets: [expect.any(String)],
  objects: [expect.any(String)],
  uploads: [],
  models: [expect.any(String)],
  configs: [expect.any(String)],
  endpoints: { news: expect.any(String) },
};

test('A failure half-way says what exists and what serves; the same again does only the rest', async () => {
  const project = await projectWith();
  const refusing = await standBetween(account.url, (operation) =>
    operation === 'CreateEndpointConfig' ? 'refuse' : 'pass',
  );
  const failed = await project.smlocal(...to(refusing.url));
  expect(failed.code).toBe(ExitCode.failed);
  expect(failed.stderr).toMatch(
    /Failed at sagemaker:CreateEndpointConfig news-\w+: AccessDeniedException/,
  );
  expect(failed.stderr).toMatch(
    /Done before that:\n {2}s3:CreateBucket .*\n {2}s3:PutObject .*\n {2}sagemaker:CreateModel/,
  );
  expect(failed.stderr).toContain('The endpoint news is as it was.');
  expect(failed.stderr).toContain('Type the same again');
  const passing = await standBetween(account.url, () => 'pass');
  expect((await project.smlocal(...to(passing.url))).code).toBe(0);
  expect(passing.seen).not.toContain('CreateModel');
  expect(passing.seen.filter((operation) => operation.startsWith('PUT'))).toEqual([]);
  expect(await account.left()).toMatchObject(ONE_OF_EACH);
});

test('Ctrl-C ends an upload, says so, and the same again goes on with the parts that have arrived', async () => {
  const project = await projectWith();
  await project.write('model/weights.bin', randomBytes(LARGE));
  let parts = 0;
  const holding = await standBetween(account.url, (operation) => {
    if (operation !== 'PUT partNumber&uploadId') return 'pass';
    parts += 1;
    return parts > 1 ? 'hold' : 'pass';
  });
  const running = project.start(...to(holding.url));
  await running.printed('uploading');
  await expect.poll(async () => await partsThere(), { timeout: 20_000 }).toBe(1);
  running.signal('SIGINT');
  expect(await running.ended).toBe(ExitCode.interrupted);
  expect(running.output).toContain('Interrupted at s3:CreateMultipartUpload');
  expect(running.output).toContain('Type the same again');
  const passing = await standBetween(account.url, () => 'pass');
  const again = await project.smlocal(...to(passing.url));
  expect(again.code).toBe(0);
  expect(passing.seen.filter((one) => one === 'PUT partNumber&uploadId')).toHaveLength(2);
  expect(await account.left()).toMatchObject(ONE_OF_EACH);
});

async function partsThere(): Promise<unknown> {
  return account.boto3(`
uploads = [(b["Name"], u) for b in s3.list_buckets()["Buckets"]
    for u in s3.list_multipart_uploads(Bucket=b["Name"]).get("Uploads", [])]
show(sum(len(s3.list_parts(Bucket=b, Key=u["Key"], UploadId=u["UploadId"]).get("Parts", [])) for b, u in uploads))`);
}

test('An upload whose content is no longer wanted is taken away by the next deploy', async () => {
  const project = await projectWith();
  await project.write('model/weights.bin', randomBytes(LARGE));
  const refusing = await standBetween(account.url, (operation) =>
    operation === 'PUT partNumber&uploadId' ? 'refuse' : 'pass',
  );
  expect((await project.smlocal(...to(refusing.url))).code).toBe(ExitCode.failed);
  expect((await account.left()).uploads).toHaveLength(1);
  await project.write('model/weights.bin', 'small');
  const { code, stdout } = await project.smlocal(...to(account.url));
  expect(code).toBe(0);
  expect(stdout).toContain('s3:AbortMultipartUpload');
  expect(await account.left()).toMatchObject(ONE_OF_EACH);
});

/** The moments are drawn from it, so that a failure can be had again as nearly as a kill can. */
const SEED = Number(process.env.SMLOCAL_SEED ?? Date.now() % 1_000_000);

/** Numbers from 0 to 1 that a seed decides (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** How many moments; each takes about three seconds, so a test run takes a sample. */
const MOMENTS = Number(process.env.SMLOCAL_KILLS ?? 5);

test(
  `Killed at ${MOMENTS} random moments, the next run finishes it, with no orphan and no duplicate`,
  async () => {
    const project = await projectWith({ keep_versions: 0 });
    await project.write('model/weights.bin', randomBytes(LARGE));
    const random = randomFrom(SEED);
    const from = performance.now();
    expect((await project.smlocal(...to(account.url))).code).toBe(0);
    const whole = performance.now() - from;
    for (let moment = 0; moment < MOMENTS; moment += 1) {
      await project.write('src/inference.py', `# ${moment}\n`);
      const running = project.start(...to(account.url));
      const delay = random() * whole;
      await new Promise((resolve) => setTimeout(resolve, delay));
      running.signal('SIGKILL');
      await running.ended;
      // Every other time the killed one's content is given up.
      if (moment % 2 === 1) await project.write('src/inference.py', `# ${moment} again\n`);
      const next = await project.smlocal(...to(account.url));
      const where = `SMLOCAL_SEED=${SEED}: killed after ${Math.round(delay)} of ${Math.round(whole)} ms\n${running.output}`;
      expect(next, where).toMatchObject({ code: 0, stderr: '' });
      expect(await account.left(), `${where}\n${next.stdout}`).toMatchObject(ONE_OF_EACH);
      const kept = await readdir(project.at('.smlocal/deploy'), { recursive: true });
      expect(
        kept.filter((name) => /partial|pending\/./.test(name)),
        where,
      ).toEqual([]);
    }
  },
  20_000 + 12_000 * MOMENTS,
);

test('Two deploys of one project are kept apart; the second is told whose is under way', async () => {
  const project = await projectWith();
  const holding = await standBetween(account.url, (operation) =>
    operation === 'CreateModel' ? 'hold' : 'pass',
  );
  const first = project.start(...to(holding.url));
  onTestFinished(async () => {
    first.signal('SIGKILL');
    await first.ended;
  });
  await first.printed('s3:PutObject');
  const second = await project.smlocal(...to(account.url));
  expect(second.code).toBe(ExitCode.failed);
  expect(second.stderr).toMatch(
    new RegExp(`Another deploy .* process ${first.pid}, to production, by \\S+, since \\d{4}-`),
  );
  expect((await project.smlocal(...to(account.url), '--dry-run')).code).toBe(0);
  first.signal('SIGKILL');
  await first.ended;
  expect((await project.smlocal(...to(account.url))).code).toBe(0);
  expect(await account.left()).toMatchObject(ONE_OF_EACH);
});
