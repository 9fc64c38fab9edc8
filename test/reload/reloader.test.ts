import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ContainerEngine } from '../../src/containers/engine.js';
import { Backend } from '../../src/hosting/backend.js';
import type { Change } from '../../src/reload/changes.js';
import { Mailbox, type WorkerOutcome } from '../../src/reload/mailbox.js';
import { ReloadEvents, Reloader } from '../../src/reload/reloader.js';
import type { ReloadReport } from '../../src/reload/report.js';

/* The host's side of the mailbox; the test is the worker. What real workers do is in src/python's own tests. */

const ENDPOINT = 'endpoint';
const PATIENCE = { timeout: 20_000 };

let folder: string;
let backend: Backend;
let reloader: Reloader;
let reports: ReloadReport[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'smlocal-reloader-'));
  backend = new Backend('id', { host: '127.0.0.1', port: 9 });
  reports = [];
  const events = new ReloadEvents();
  events.on('report', (report) => reports.push(report));
  reloader = new Reloader(
    {
      events,
      engine: {} as ContainerEngine, // In place nothing is asked of it.
      serving: () => [{ id: 'id', name: 'name', sourceDirectory: undefined, backend }],
      mailboxOf: () => new Mailbox(folder),
      hold: () => () => {},
      replace: async () => 'no container comes up',
    },
    new AbortController().signal,
  );
  await say(0);
});
afterEach(async () => {
  await reloader.idle();
  await backend.close();
  await rm(folder, { recursive: true });
});

test('A request that takes the place of one under way names the paths of both', async () => {
  reloader.changed(ENDPOINT, [code('first.py')]);
  await requested(1, ['first.py']);
  reloader.changed(ENDPOINT, [code('second.py')]);
  await say(1, 'reloaded');
  await requested(2, ['first.py', 'second.py']);
  await say(2, 'reloaded');
  await reported(1);
  expect(reports[0]?.failure).toBeUndefined();
});

test('What was refused is named again, with what is to mend it, until it is taken', async () => {
  reloader.changed(ENDPOINT, [code('labels.json'), code('broken.py')]);
  await requested(1, ['labels.json', 'broken.py']);
  await say(1, 'failed');
  await reported(1);
  expect(reports[0]?.failure).toBe('Traceback');

  reloader.changed(ENDPOINT, [code('broken.py')]);
  await requested(2, ['broken.py', 'labels.json']);
  await say(2, 'reloaded');
  await reported(2);
  expect(reports[1]?.failure).toBeUndefined();

  reloader.changed(ENDPOINT, [code('other.py')]);
  await requested(3, ['other.py']);
  await say(3, 'unchanged');
  await reported(3);
});

test('A new container that did not come up is tried again with the next change', async () => {
  reloader.changed(ENDPOINT, [code('requirements.txt')]);
  await reported(1);
  reloader.changed(ENDPOINT, [code('inference.py')]);
  await reported(2);
  expect(reports.map(({ tier }) => tier)).toEqual(['replace', 'replace']);
  expect(reports[1]?.cause).toBe('requirements.txt is read when a container starts');
});

function code(path: string): Change {
  return { root: 'code', path };
}

/** What the worker says after the request of this number. */
async function say(id: number, kind?: WorkerOutcome['kind']): Promise<void> {
  const outcome = kind && {
    kind,
    changed: [],
    functions: [],
    model: 'kept',
    traceback: kind === 'failed' ? 'Traceback' : undefined,
  };
  const report = { pid: 7, id, state: 'ready', kind: 'toolkit', modules: {}, outcome };
  // As workers do it, for the host may read at any moment.
  const file = join(folder, 'worker-7.json');
  await writeFile(`${file}.new`, JSON.stringify(report));
  await rename(`${file}.new`, file);
}

async function requested(id: number, paths: readonly string[]): Promise<void> {
  await vi.waitFor(async () => {
    const request = JSON.parse(await readFile(join(folder, 'request.json'), 'utf8'));
    expect(request).toEqual({ id, paths });
  }, PATIENCE);
}

async function reported(count: number): Promise<void> {
  await vi.waitFor(() => expect(reports).toHaveLength(count), PATIENCE);
}
