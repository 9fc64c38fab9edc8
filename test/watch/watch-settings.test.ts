import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { loadConfig } from '../../src/config/load.js';
import type { WatchSettings } from '../../src/daemon/reloading.js';
import { succeed } from '../support/run.js';
import { WatchedDaemon, type WatchedEndpoint } from '../support/watched.js';

/* What `watch:` of config.yml changes, with a handler served as a process. */

const HANDLER = `from helper import WORD


def model_fn(model_dir):
    return None


def input_fn(body, content_type):
    return body


def predict_fn(data, model):
    return WORD


def output_fn(prediction, accept):
    return prediction
`;

let watched: WatchedDaemon | undefined;
afterEach(async () => {
  await watched?.stop();
  watched = undefined;
});

test('Files that the patterns of config.yml name set nothing off, unless another takes them back', async () => {
  const endpoint = await servedWith('{ ignore: ["*.csv", "notes/", "!kept.tmp"] }');
  await endpoint.save('table.csv', '1');
  await endpoint.save('deep/table.csv', '1');
  await endpoint.save('notes/plan.py', '1');
  const code = await endpoint.reloaded(() => endpoint.save('helper.py', 'WORD = "two"\n'));
  expect(code.changes).toEqual([{ root: 'code', path: 'helper.py' }]);
  expect(endpoint.reports).toEqual([code]);
  expect(await endpoint.ask()).toBe('two');

  const kept = await endpoint.reloaded(() => endpoint.save('kept.tmp', '1'));
  expect(kept.changes).toEqual([{ root: 'code', path: 'kept.tmp' }]);
});

test('With polling a change is seen that comes without an event, as on a network file system', async () => {
  const endpoint = await servedWith('{ polling: true }');
  const report = await endpoint.reloaded(() =>
    writeInMemory(endpoint.path('helper.py'), 'one', 'two'),
  );
  expect(report).toMatchObject({ tier: 'in-place', failure: undefined });
  expect(await endpoint.ask()).toBe('two');
});

test('Without polling it is not', async () => {
  const endpoint = await servedWith('{}');
  await writeInMemory(endpoint.path('helper.py'), 'one', 'two');
  const report = await endpoint.reloaded(() => endpoint.save('other.py', ''));
  expect(report.changes).toEqual([{ root: 'code', path: 'other.py' }]);
});

test("A branch that git checks out is taken as a whole, and git's own files set nothing off", async () => {
  const endpoint = await servedWith('{}');
  const git = (...args: string[]) => {
    const who = ['-c', 'user.name=test', '-c', 'user.email=test@example.com'];
    return succeed('git', [...who, ...args], { cwd: endpoint.folder });
  };
  await git('init', '--quiet', '--initial-branch', 'one');
  await git('add', '.');
  await git('commit', '--quiet', '--message', 'one');
  await git('checkout', '--quiet', '-b', 'two');
  await endpoint.save('other.py', 'WORD = "two"\n');
  await endpoint.save('words.py', 'from other import WORD\n');
  await endpoint.save('inference.py', HANDLER.replace('helper', 'words'));
  await rm(endpoint.path('helper.py'));
  await untilAnswered(endpoint, 'two');
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'two');

  await git('checkout', '--quiet', 'one');
  await untilAnswered(endpoint, 'one');
  await git('checkout', '--quiet', 'two');
  await untilAnswered(endpoint, 'two');
  const paths = endpoint.reports.flatMap(({ changes }) => changes.map(({ path }) => path));
  expect(paths.filter((path) => path.startsWith('.git'))).toEqual([]);
});

function untilAnswered(endpoint: WatchedEndpoint, word: string): Promise<void> {
  return vi.waitFor(async () => expect(await endpoint.ask()).toBe(word), 20_000);
}

async function servedWith(watch: string): Promise<WatchedEndpoint> {
  watched = await WatchedDaemon.start(await settingsOf(watch), 'process');
  return watched.endpoint(
    'watched',
    { 'inference.py': HANDLER, 'helper.py': 'WORD = "one"\n' },
    { image: 'any', environment: { SAGEMAKER_MODEL_SERVER_WORKERS: '1' } },
  );
}

async function settingsOf(watch: string): Promise<WatchSettings> {
  const folder = await mkdtemp(join(tmpdir(), 'smlocal-watch-'));
  try {
    await writeFile(join(folder, 'config.yml'), `watch: ${watch}\n`);
    return loadConfig(join(folder, 'config.yml'), {}).watch;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Writes to a file as it is mapped into memory: its time is changed, and nobody is told. */
async function writeInMemory(file: string, from: string, to: string): Promise<void> {
  const script = `import mmap, sys
path, before, after = sys.argv[1:]
with open(path, "r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
    start = memory.find(before.encode())
    memory[start:start + len(before)] = after.encode()
    memory.flush()
`;
  await succeed('python3', ['-c', script, file, from, to]);
}
