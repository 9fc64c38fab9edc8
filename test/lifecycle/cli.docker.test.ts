import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { isRunning } from '../../src/daemon/lock.js';
import type { DaemonStatus } from '../../src/daemon/status.js';
import { removeImages } from '../containers/test-image.js';
import { FLASK, PYTORCH } from '../support/fixtures.js';
import { type Installed, installPackage } from '../support/installed.js';
import { Project } from '../support/project.js';
import type { Ran } from '../support/run.js';
import { makeScriptImage } from '../support/script-image.js';

/* The packed package, installed outside the checkout, as a user types it. */

const STUBBORN = 'smlocal-test/stubborn:1';

let installed: Installed;
let projects: Project[] = [];

beforeAll(async () => {
  installed = await installPackage();
  await makeScriptImage(STUBBORN, 'trap "" TERM; echo "not now"; while :; do sleep 0.1; done');
});

afterEach(async () => {
  await Promise.all(projects.splice(0).map((project) => project.remove()));
});

afterAll(async () => {
  await removeImages(STUBBORN);
  await installed?.remove();
});

test('A detached daemon serves config.yml, can be asked in every way, and is gone after down', async () => {
  const project = await tagger();
  const up = await project.smlocal(['up', '--detach', '--port', '0']);
  expect(up).toMatchObject({ code: 0, stderr: '' });
  expect(up.stdout).toMatch(/^smlocal listens on http:\/\/127\.0\.0\.1:\d+ /);
  expect(up.stdout).toContain('tagger: InService');

  const status = await statusOf(project);
  const [id = ''] = await project.containers();
  expect(status).toMatchObject({
    stateDir: project.state.path,
    starting: false,
    endpoints: [
      {
        EndpointName: 'tagger',
        EndpointStatus: 'InService',
        FailureReason: null,
        containers: [{ id: id.slice(0, 12), inFlight: 0 }],
      },
    ],
  });
  const shown = await project.smlocal(['status']);
  expect(shown.stdout).toMatch(new RegExp(`^tagger +InService +${id.slice(0, 12)}$`, 'm'));

  const body = await readFile(FLASK.good.file);
  const ways: Promise<Ran>[] = [
    project.smlocal(['invoke', 'tagger', body.toString()]),
    project.smlocal(['invoke', 'tagger', '--file', FLASK.good.file]),
    project.smlocal(['invoke', 'tagger', '--file', '-'], body),
    project.smlocal(['invoke', 'tagger', '--accept', 'application/json'], body),
  ];
  for (const answer of await Promise.all(ways)) {
    expect(answer).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(answer.stdout)[0][0]).toMatchObject({ word: 'Leon Scott Kennedy' });
  }

  const tail = await project.smlocal(['logs', 'tagger', '--tail', '1']);
  expect(tail.code).toBe(0);
  expect(`${tail.stdout}${tail.stderr}`.trim().split('\n')).toHaveLength(1);
  const all = await project.smlocal(['logs']);
  expect(`${all.stdout}${all.stderr}`).toContain('POST /invocations');

  const down = await project.smlocal(['down']);
  expect(down).toMatchObject({ code: 0, stderr: '' });
  expect(down.stdout).toContain('Stopped; no container is left.');
  await expectNothingLeft(project, status.pid);
});

test('What fails at the command line says what to do, and has its own exit code', async () => {
  const project = await tagger();
  expect(await project.smlocal(['status'])).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('Start it with "smlocal up"'),
  });
  expect(await project.smlocal(['down'])).toMatchObject({
    code: 0,
    stdout: 'smlocal is not running.\n',
  });
  await project.smlocal(['up', '--detach', '--port', '0']);
  expect(await project.smlocal(['invoke', 'tagger', '--file', FLASK.bad.file])).toMatchObject({
    code: 5,
    stdout: '',
    stderr: expect.stringMatching(
      /^smlocal: ModelError: Received client error \(400\).*\n.*smlocal logs tagger/s,
    ),
  });
  expect(await project.smlocal(['invoke', 'nobody', '{}'])).toMatchObject({
    code: 5,
    stderr: expect.stringContaining('Endpoint nobody of account 000000000000 not found.'),
  });
  expect(await project.smlocal(['logs', 'nobody'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('There is no endpoint nobody.'),
  });
  expect(await project.smlocal(['up', '--prot', '1'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--port'),
  });
});

test('A second daemon on the same state folder is refused in a line, and the first goes on', async () => {
  const project = await tagger();
  await project.smlocal(['up', '--detach', '--port', '0']);
  const { pid } = await statusOf(project);
  for (const flags of [['--detach'], []]) {
    const second = await project.smlocal(['up', '--port', '0', ...flags]);
    expect(second).toMatchObject({ code: 1, stdout: '' });
    expectOneLine(second, /^smlocal: smlocal is running already .*\(process \d+\)\.$/);
  }
  expect((await statusOf(project)).pid).toBe(pid);
});

test('A port that is taken is said in a line, and nothing is left', async () => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  try {
    const address = holder.address();
    const port = String(typeof address === 'object' ? address?.port : address);
    const project = await tagger();
    for (const flags of [[], ['--detach']]) {
      const refused = await project.smlocal(['up', '--port', port, ...flags]);
      expect(refused).toMatchObject({ code: 1, stdout: '' });
      expectOneLine(refused, new RegExp(`^smlocal: (?!smlocal:).*\\b${port}\\b`));
    }
    await expectNothingLeft(project);
  } finally {
    holder.close();
  }
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s ends "smlocal up" cleanly', async (signal) => {
  const project = await tagger();
  const up = project.up();
  await up.printed('tagger: InService');
  up.signal(signal);
  expect(await up.ended).toBe(0);
  expect(up.output).toContain('Stopped; no container is left.');
  await expectNothingLeft(project, up.pid);
});

test('A signal while an endpoint comes up ends "smlocal up" as cleanly', async () => {
  const project = await tagger();
  const up = project.up();
  await up.printed('tagger: starting');
  up.signal('SIGINT');
  expect(await up.ended).toBe(0);
  await expectNothingLeft(project, up.pid);
});

test('A second Ctrl-C kills a container that will not end', async () => {
  const project = await tagger({ image: STUBBORN });
  const up = project.up();
  await vi.waitFor(
    async () => expect((await project.smlocal(['logs'])).stdout).toContain('not now'),
    { timeout: 20_000, interval: 50 },
  );
  up.signal('SIGINT');
  await up.printed('Ctrl-C again kills them');
  up.signal('SIGINT');
  expect(await up.ended).toBe(130);
  await expectNothingLeft(project, up.pid);
});

test('After a daemon was killed the next adopts its container', async () => {
  const project = await tagger();
  const killed = project.up();
  await killed.printed('tagger: InService');
  const before = await project.containers();
  killed.signal('SIGKILL');
  await killed.ended;
  const next = project.up();
  await next.printed('tagger: InService');
  expect(await project.containers()).toEqual(before);
  const answer = await project.smlocal(['invoke', 'tagger', '--file', FLASK.good.file]);
  expect(answer.stdout).toContain('Raccoon City');
  next.signal('SIGTERM');
  expect(await next.ended).toBe(0);
  await expectNothingLeft(project, next.pid);
});

test('After a daemon was killed down removes its container', async () => {
  const project = await tagger();
  const killed = project.up();
  await killed.printed('tagger: InService');
  killed.signal('SIGKILL');
  await killed.ended;
  expect(await project.smlocal(['down'])).toMatchObject({
    code: 0,
    stdout: 'smlocal is not running. Removed 1 container(s) that it had left.\n',
  });
  await expectNothingLeft(project, killed.pid);
});

test('An endpoint that fails makes "up --detach" say why, and exit with 5', async () => {
  const project = await tagger({ image: '127.0.0.1:1/smlocal/missing:1' });
  const up = await project.smlocal(['up', '--detach', '--port', '0']);
  expect(up.code).toBe(5);
  expect(up.stdout).toContain('tagger: Failed');
  expect(up.stdout).toContain('The image 127.0.0.1:1/smlocal/missing:1 is not on this machine');
});

test('An endpoint of config.yml that is refused makes "up --detach" say why, and exit with 5', async () => {
  const project = await tagger({ model_data_path: 'file://nowhere.tar.gz' });
  const missing = `file://${project.folder}/nowhere.tar.gz`;
  const fault = `tagger: could not be applied: Could not find model data at ${missing}.\n`;
  const up = await project.smlocal(['up', '--detach', '--port', '0']);
  expect(up).toMatchObject({ code: 5, stdout: expect.stringContaining(fault) });
  expect((await project.smlocal(['status'])).stdout).toContain(fault);
});

test('A saved handler is deployed and the answer changes, but not with --no-watch', async () => {
  const project = await handler();
  const unwatched = ['--state-dir', 'unwatched'];
  await project.smlocal(['up', '--detach', '--port', '0']);
  await project.smlocal(['up', '--detach', '--port', '0', '--no-watch', ...unwatched]);
  const ask = async (...flags: string[]) => {
    const words = ['invoke', 'classifier', '--file', PYTORCH.good.file, ...flags];
    return (await project.smlocal(words)).stdout;
  };
  try {
    expect(await ask()).toContain('"probabilities"');
    expect(await ask(...unwatched)).toContain('"probabilities"');
    const [left] = (await statusOf(project, ...unwatched)).endpoints;

    const file = join(project.folder, 'src', 'inference.py');
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll('"probabilities"', '"odds"'));
    await vi.waitFor(async () => expect(await ask()).toContain('"odds"'), {
      timeout: 30_000,
      interval: 100,
    });

    // The other has had as long, and has the container that it had.
    expect((await statusOf(project, ...unwatched)).endpoints).toEqual([left]);
    expect(await ask(...unwatched)).toContain('"probabilities"');
  } finally {
    await project.smlocal(['down', '--force', ...unwatched]);
  }
});

async function tagger(changes?: Record<string, string>): Promise<Project> {
  const project = await Project.withTagger(installed.command, changes);
  projects = [...projects, project];
  return project;
}

async function handler(): Promise<Project> {
  const project = await Project.withHandler(installed.command);
  projects = [...projects, project];
  return project;
}

async function statusOf(project: Project, ...flags: string[]): Promise<DaemonStatus> {
  const { code, stdout, stderr } = await project.smlocal(['status', '--json', ...flags]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

/** One line says what is wrong; a second, indented, what to type. */
function expectOneLine({ stderr }: Ran, line: RegExp): void {
  const [first, hint, ...more] = stderr.trimEnd().split('\n');
  expect(first).toMatch(line);
  expect(hint).toMatch(/^ {2}\S/);
  expect(more).toEqual([]);
}

async function expectNothingLeft(project: Project, pid = 0): Promise<void> {
  expect(await project.containers()).toEqual([]);
  expect(isRunning(pid)).toBe(false);
  for (const file of ['lock', 'daemon.json'])
    expect(existsSync(join(project.state.path, file)), file).toBe(false);
}
