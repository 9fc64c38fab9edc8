import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { targz } from '../artifacts/archive.js';
import { removeImages } from '../containers/test-image.js';
import { makeScriptImage } from '../support/script-image.js';
import { WatchedDaemon, type WatchedEndpoint } from '../support/watched.js';

/* A server that is no Python: whatever changes, its container is replaced. */

const IMAGE = 'smlocal-test/reload-perl:1';

/** Reads its code and its data once, when it starts; without code it ends. */
const SERVER = `exec perl -MIO::Socket::INET -e '
  sub slurp { local $/; open my $f, "<", $_[0] or return ""; <$f> }
  my ($code, $data) = (slurp("/opt/ml/model/code/answer"), slurp("/opt/ml/model/data"));
  die "no answer in the code\\n" if $code =~ /broken/;
  $SIG{TERM} = sub { exit 0 };
  my $s = IO::Socket::INET->new(Listen => 64, LocalPort => 8080, ReuseAddr => 1) or die $!;
  while (my $c = $s->accept) {
    my $length = 0;
    while (<$c>) { $length = $1 if /^content-length: (\\d+)/i; last if /^\\r?$/ }
    read $c, my $body, $length;
    my $answer = "$code$data";
    print $c "HTTP/1.1 200 OK\\r\\nConnection: close\\r\\nContent-Length: ", length $answer, "\\r\\n\\r\\n$answer";
    close $c;
  }'`;

let watched: WatchedDaemon;

beforeAll(async () => {
  await makeScriptImage(IMAGE, SERVER);
  watched = await WatchedDaemon.start();
});
afterAll(async () => {
  await watched.stop();
  await removeImages(IMAGE);
});

test('A handler in another language is taken by a new container beside the old one', async () => {
  const endpoint = await started('language', { answer: 'one' });
  const containers = endpoint.containers;
  const report = await endpoint.reloaded(() => endpoint.save('answer', 'two'));
  expect(report).toMatchObject({ tier: 'replace', failure: undefined });
  expect(await endpoint.ask()).toBe('two');
  expect(endpoint.containers).not.toEqual(containers);
});

test('A new container that does not come up leaves the old one serving, until the code is mended', async () => {
  const endpoint = await started('mended', { answer: 'one' });
  const containers = endpoint.containers;
  const broken = await endpoint.reloaded(() => endpoint.save('answer', 'broken'));
  expect(broken.failure).toContain('no answer in the code');
  expect(endpoint.shown).toContain('no answer in the code');
  expect(await endpoint.ask()).toBe('one');
  expect(endpoint.containers).toEqual(containers);
  const mended = await endpoint.reloaded(() => endpoint.save('answer', 'two'));
  expect(mended.failure).toBeUndefined();
  expect(await endpoint.ask()).toBe('two');
});

test('Of two quick edits the newest wins, and a person is told', async () => {
  const endpoint = await started('quick', { answer: 'one' });
  const starting = new Promise<void>((resolve) => {
    endpoint.daemon.events.on('step', ({ endpointName, text }) => {
      if (endpointName === 'quick' && text.startsWith('starting')) resolve();
    });
  });
  await endpoint.save('answer', 'two');
  await starting;
  const report = await endpoint.reloaded(() => endpoint.save('answer', 'three'));
  expect(report.failure).toBeUndefined();
  expect(await endpoint.ask()).toBe('three');
  expect(endpoint.notices).toContain('answer changed meanwhile; the newest wins');
  expect(endpoint.reports).toHaveLength(1);
});

test('A model archive that is written anew is unpacked and served', async () => {
  const archive = join(watched.folder, 'model.tar.gz');
  await writeFile(archive, targz({ name: 'data', content: 'first' }));
  const endpoint = await started('archive', { answer: '' }, archive);
  expect(await endpoint.ask()).toBe('first');
  const report = await endpoint.reloaded(async () => {
    await writeFile(`${archive}~`, targz({ name: 'data', content: 'second' }));
    await rename(`${archive}~`, archive);
  });
  expect(report).toMatchObject({ tier: 'replace', cause: 'model.tar.gz is model data' });
  expect(report.failure).toBeUndefined();
  expect(await endpoint.ask()).toBe('second');
});

test('A file of a model folder that is written is served', async () => {
  const folder = join(watched.folder, 'model');
  await mkdir(folder);
  await writeFile(join(folder, 'data'), 'first');
  const endpoint = await started('folder', { answer: '' }, `${folder}/`);
  expect(await endpoint.ask()).toBe('first');
  const report = await endpoint.reloaded(() => writeFile(join(folder, 'data'), 'second'));
  expect(report).toMatchObject({ tier: 'replace', cause: 'data is model data' });
  expect(report.failure).toBeUndefined();
  expect(await endpoint.ask()).toBe('second');
});

test('With reload: restart the old container goes first, and calls wait for the new one', async () => {
  const endpoint = await watched.endpoint(
    'big',
    { answer: 'one' },
    { image: IMAGE, reload: 'restart' },
  );
  const steps: string[] = [];
  endpoint.daemon.events.on('step', ({ endpointName, text }) => {
    if (endpointName === 'big') steps.push(text.split(' ')[0] ?? '');
  });
  const ending = new AbortController();
  const clients = [1, 2, 3, 4].map(async () => {
    const answers: string[] = [];
    while (!ending.signal.aborted) answers.push(await endpoint.ask());
    return answers;
  });
  const report = await endpoint.reloaded(() => endpoint.save('answer', 'two'));
  expect(report).toMatchObject({ tier: 'replace', failure: undefined });
  expect(await endpoint.ask()).toBe('two');
  ending.abort();
  const answers = await Promise.all(clients);
  expect(new Set(answers.flat())).toEqual(new Set(['one', 'two']));
  for (const heard of answers) expect(heard).toEqual(heard.toSorted());
  expect(steps.slice(0, 2)).toEqual(['stopping', 'starting']);
});

test('Files are looked at where no events come, if that is asked for', async () => {
  const polling = await WatchedDaemon.start({ polling: true });
  try {
    const endpoint = await polling.endpoint('polled', { answer: 'one' }, { image: IMAGE });
    const report = await endpoint.reloaded(() => endpoint.save('answer', 'two'));
    expect(report.failure).toBeUndefined();
    expect(await endpoint.ask()).toBe('two');
  } finally {
    await polling.stop();
  }
});

function started(
  name: string,
  files: Readonly<Record<string, string>>,
  model?: string,
): Promise<WatchedEndpoint> {
  const modelDataUrl = model === undefined ? undefined : pathToFileURL(model).href;
  return watched.endpoint(name, files, { image: IMAGE, modelDataUrl });
}
