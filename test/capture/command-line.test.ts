import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ROOT } from '../support/fixtures.js';
import { Foreground } from '../support/foreground.js';
import { run } from '../support/run.js';
import { linesOf } from './captured.js';
import { echoProcess } from './echo-process.js';

/* The command as it is built, for the thread that writes is a file of its own. */

const folder = mkdtempSync(join(tmpdir(), 'smlocal-capture-cli-'));
const bucket = join(folder, '.smlocal', 's3', 'mine');
afterAll(() => rmSync(folder, { recursive: true }));

const { Environment = {}, Image } = echoProcess(folder);
writeFileSync(
  join(folder, 'config.yml'),
  // JSON is YAML.
  JSON.stringify({
    engine: 'process',
    environments: {
      local: {
        ...{ endpoint_name: 'echo', model_name: 'echo', image: Image },
        command: Environment.SMLOCAL_COMMAND,
        data_capture: { destination_s3_uri: 's3://mine/captured' },
      },
    },
  }),
);

const smlocal = async (...args: string[]) =>
  (await run(process.execPath, [`${ROOT}dist/cli.js`, ...args], { cwd: folder })).stdout;

test('An endpoint of config.yml captures; a bucket that is not there is said at the terminal and by status', async () => {
  const up = new Foreground(
    process.execPath,
    [`${ROOT}dist/cli.js`, 'up', '--port', '0', '--no-watch'],
    { cwd: folder, env: process.env },
  );
  try {
    await up.printed('echo: InService');
    expect(up.output).not.toContain('data_capture');
    const { url } = JSON.parse(await smlocal('status', '--json'));
    const invoke = (body: string) =>
      fetch(`${url}/endpoints/echo/invocations`, {
        ...{ method: 'POST', body, headers: { 'content-type': 'application/json' } },
      });
    expect((await invoke('"lost"')).status).toBe(200);
    await up.printed('echo: data capture: There is no bucket mine. Type "smlocal exec -- aws');
    expect(await smlocal('status')).toContain(
      '  data capture: 1 request was lost. There is no bucket mine. Type',
    );
    mkdirSync(bucket, { recursive: true });
    await invoke('"kept"');
  } finally {
    up.signal('SIGTERM');
    await up.ended;
  }
  const files = readdirSync(bucket, { recursive: true, encoding: 'utf8' });
  const captured = files
    .filter((path) => path.endsWith('.jsonl'))
    .flatMap((path) => linesOf(readFileSync(join(bucket, path), 'utf8')));
  expect(captured.map(({ captureData }) => captureData)).toMatchObject([
    {
      endpointInput: { data: '"kept"', encoding: 'JSON' },
      endpointOutput: { data: '"kept"', encoding: 'JSON' },
    },
  ]);
}, 60_000);
