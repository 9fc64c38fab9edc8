import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ContainerEngine, ContainerSpec, LogLine } from '../../src/containers/engine.js';
import { MAX_LINE_BYTES } from '../../src/containers/log-lines.js';
import { waitUntilReady } from '../../src/containers/readiness.js';

/** One engine, for one test file. */
export interface EngineFixture {
  readonly engine: ContainerEngine;
  /** Marks what the file's tests start; whatever carries it is removed after each test. */
  readonly labels: Readonly<Record<string, string>>;
  /** Starts a shell script as the container's server. */
  run(script: string, changes?: Partial<ContainerSpec>): ReturnType<ContainerEngine['start']>;
}

/** A web server: answers every request with 200 and its path. */
export const PERL_SERVER = `exec perl -MIO::Socket::INET -e '
  $SIG{TERM} = sub { exit 0 };
  my $port = $ENV{SAGEMAKER_BIND_TO_PORT} || 8080;
  my $s = IO::Socket::INET->new(Listen => 64, LocalPort => $port, ReuseAddr => 1) or die $!;
  $| = 1; print "listening\\n";
  while (my $c = $s->accept) {
    my $first = <$c>; while (<$c>) { last if /^\\r?$/ }
    my ($path) = $first =~ m{^\\S+ (\\S+)};
    print $c "HTTP/1.1 200 OK\\r\\nConnection: close\\r\\nContent-Length: ", length $path, "\\r\\n\\r\\n$path";
    close $c;
  }'`;

export async function collect(output: AsyncIterable<readonly LogLine[]>): Promise<LogLine[]> {
  const collected: LogLine[] = [];
  for await (const lines of output) collected.push(...lines);
  return collected;
}

/** Waits for the line that a container prints when it has come so far. */
export async function logged(engine: ContainerEngine, id: string, text: string): Promise<void> {
  for await (const lines of engine.logs(id, { follow: true }))
    if (lines.some((line) => line.text === text)) return;
  throw new Error(`The container ended without printing ${text}.`);
}

/** What every engine has to do, whichever it is. Call it in a test file of the engine's. */
export function testContract({ engine, labels, run }: EngineFixture): void {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'smlocal-contract-'));
    await writeFile(join(folder, 'weights'), 'heavy');
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function outputOf(script: string): Promise<LogLine[]> {
    const { id } = await run(script);
    await engine.waitForExit(id);
    return collect(engine.logs(id));
  }

  const textsOf = (lines: LogLine[], stream: LogLine['stream']) =>
    lines.filter((line) => line.stream === stream).map(({ text }) => text);

  /** A folder that the container sees, and the file in it that it waits for. */
  async function gate() {
    const place = await mkdtemp(join(folder, 'gate-'));
    return {
      mounts: [{ source: place, target: '/opt/smlocal/gate', writable: true as const }],
      wait: 'while [ ! -e /opt/smlocal/gate/go ]; do sleep 0.02; done',
      open: () => writeFile(join(place, 'go'), ''),
    };
  }

  test('What is started answers at its address on 127.0.0.1', async () => {
    const container = await run(PERL_SERVER);
    await logged(engine, container.id, 'listening');
    expect(container.running).toBe(true);
    expect(container.address.host).toBe('127.0.0.1');
    const answer = await fetch(`http://127.0.0.1:${container.address.port}/invocations`);
    expect(await answer.text()).toBe('/invocations');
  });

  test('What loads for a while is ready when it listens', async () => {
    const { mounts, wait, open } = await gate();
    const { id, address } = await run(`${wait}; ${PERL_SERVER}`, { mounts });
    const ready = waitUntilReady(address, { timeoutMs: 20_000, exited: engine.waitForExit(id) });
    await open();
    expect(await ready).toEqual({ ready: true });
  });

  test('What crashes while it loads ends the waiting with its exit code', async () => {
    const { id, address } = await run('sleep 0.2; exit 3');
    const exited = engine.waitForExit(id);
    expect(await waitUntilReady(address, { timeoutMs: 20_000, exited })).toEqual({
      ready: false,
      cause: 'exited',
      status: { exitCode: 3, outOfMemory: false },
    });
  });

  test('What never listens ends in a time-out', async () => {
    const { id, address } = await run('sleep 60');
    const exited = engine.waitForExit(id);
    expect(await waitUntilReady(address, { timeoutMs: 300, exited })).toMatchObject({
      ready: false,
      cause: 'timed-out',
      lastAnswer: expect.stringMatching(/^the connection was/),
    });
  });

  test('The environment arrives as it is meant', async () => {
    const { id } = await run('echo "$GREETING"', { environment: { GREETING: 'a = "b" ☃' } });
    await engine.waitForExit(id);
    expect((await collect(engine.logs(id))).map(({ text }) => text)).toEqual(['a = "b" ☃']);
  });

  test('What runs is listed by all of the labels given, with what has ended', async () => {
    const extra = { ...labels, 'smlocal.variant': 'a' };
    const running = await run('sleep 60', { labels: extra });
    const stopped = await run('exit 0', { labels: extra });
    await run('sleep 60', { labels: { ...labels, 'smlocal.variant': 'b' } });
    await engine.waitForExit(stopped.id);
    const found = await engine.list(extra);
    expect(found.find(({ id }) => id === running.id)).toMatchObject({
      ...running,
      labels: expect.objectContaining(extra),
      running: true,
    });
    expect(found.find(({ id }) => id === stopped.id)).toMatchObject({
      name: stopped.name,
      labels: expect.objectContaining(extra),
      running: false,
    });
    expect(found).toHaveLength(2);
  });

  test('A mount can be read and not written', async () => {
    const mounts = [{ source: folder, target: '/opt/ml/model' }];
    const script =
      'cat /opt/ml/model/weights; echo; echo x > /opt/ml/model/weights || echo refused';
    const { id } = await run(`${script} 2>/dev/null`, { mounts });
    await engine.waitForExit(id);
    const lines = (await collect(engine.logs(id))).filter(({ stream }) => stream === 'stdout');
    expect(lines.map(({ text }) => text)).toEqual(['heavy', 'refused']);
  });

  test('A mount whose source is missing is refused, and nothing is left behind', async () => {
    const source = join(folder, 'missing');
    const starting = run('true', { mounts: [{ source, target: '/opt/ml/model' }] });
    await expect(starting).rejects.toThrow(`bind source path does not exist: ${source}`);
    expect(await engine.list(labels)).toEqual([]);
    expect(existsSync(source)).toBe(false);
  });

  test('Waiting for an end can be called off', async () => {
    const { id } = await run('sleep 60');
    const controller = new AbortController();
    const waiting = engine.waitForExit(id, controller.signal);
    controller.abort(new Error('called off'));
    await expect(waiting).rejects.toThrow('called off');
    await expect(engine.waitForExit(id, controller.signal)).rejects.toThrow('called off');
  });

  test('What was removed has ended with -1, and what was removed meanwhile as it was killed', async () => {
    const { id } = await run('sleep 60');
    const waiting = engine.waitForExit(id);
    await engine.remove(id);
    expect(await waiting).toEqual({ exitCode: 137, outOfMemory: false });
    expect(await engine.waitForExit(id)).toEqual({ exitCode: -1, outOfMemory: false });
  });

  test('What it takes of the machine is told while it runs, with what it has started itself', async () => {
    const burn = '1 while (times)[0] + (times)[1] < 0.5; print "burnt\\n"; sleep 60';
    const { id } = await run(`perl -e '$| = 1; my $m = "x" x 60_000_000; ${burn}'; exit 0`);
    await logged(engine, id, 'burnt');
    const usage = await engine.usage(id);
    expect(usage?.cpuSeconds).toBeGreaterThan(0.4);
    expect(usage?.memoryBytes).toBeGreaterThan(60_000_000);
    expect(usage?.memoryLimitBytes).toBeGreaterThan(usage?.memoryBytes ?? 0);
    expect(usage?.disk?.usedBytes).toBeGreaterThan(0);
    expect(usage?.disk?.totalBytes).toBeGreaterThan(usage?.disk?.usedBytes ?? 0);
    await engine.stop(id, 0);
    expect(await engine.usage(id)).toBeUndefined();
    await engine.remove(id);
    expect(await engine.usage(id)).toBeUndefined();
  });

  test('Stopping sends SIGTERM and lets it end by itself', async () => {
    const { id } = await run('trap "exit 7" TERM; echo ready; while :; do sleep 0.05; done');
    await logged(engine, id, 'ready');
    await engine.stop(id, 20);
    expect(await engine.waitForExit(id)).toEqual({ exitCode: 7, outOfMemory: false });
  });

  test('What ignores SIGTERM is killed after the grace', async () => {
    const { id } = await run('trap "" TERM; echo ready; while :; do sleep 0.05; done');
    await logged(engine, id, 'ready');
    await engine.stop(id, 1);
    expect(await engine.waitForExit(id)).toEqual({ exitCode: 137, outOfMemory: false });
  });

  test('What it started itself ends with it', async () => {
    const { mounts } = await gate();
    const place = mounts[0]?.source ?? '';
    const script =
      '(while :; do date +%N > /opt/smlocal/gate/beat; sleep 0.02; done) & sleep 0.3; exit 0';
    const { id } = await run(script, { mounts });
    expect(await engine.waitForExit(id)).toMatchObject({ exitCode: 0 });
    await rm(join(place, 'beat'));
    await run('sleep 0.2').then((other) => engine.waitForExit(other.id));
    expect(existsSync(join(place, 'beat'))).toBe(false);
  });

  test('Stopping and removing what is stopped or gone is no error', async () => {
    const { id } = await run('exit 0');
    await engine.waitForExit(id);
    await engine.stop(id, 1);
    await engine.remove(id);
    await engine.stop(id, 1);
    await engine.remove(id);
  });

  test('Several who remove one at once all find it gone', async () => {
    const { id } = await run('sleep 60');
    await Promise.all([engine.remove(id), engine.remove(id), engine.remove(id)]);
    expect(await engine.list(labels)).toEqual([]);
  });

  test('Each stream keeps its order, and each line its time', async () => {
    const began = Date.now();
    const lines = await outputOf('for i in 1 2 3 4 5; do echo out $i; echo err $i >&2; done');
    const ended = Date.now();
    expect(textsOf(lines, 'stdout')).toEqual([1, 2, 3, 4, 5].map((i) => `out ${i}`));
    expect(textsOf(lines, 'stderr')).toEqual([1, 2, 3, 4, 5].map((i) => `err ${i}`));
    for (const { timestamp } of lines) {
      expect(timestamp).toBeGreaterThanOrEqual(began - 1);
      expect(timestamp).toBeLessThanOrEqual(ended + 1);
    }
  });

  test('Lines with line feeds, carriage returns, no text and no end come as they are meant', async () => {
    const lines = await outputOf(String.raw`printf 'unix\ndos\r\n\n10%%\r100%%\nlast'`);
    expect(textsOf(lines, 'stdout')).toEqual(['unix', 'dos', '', '100%', 'last']);
  });

  test('A character that the process writes in two pieces arrives whole', async () => {
    const script = String.raw`printf 'a\342\230'; sleep 0.1; printf '\203b\n'`;
    expect(textsOf(await outputOf(script), 'stdout')).toEqual(['a☃b']);
  });

  test('A line of 200,000 characters arrives in bounded pieces and complete', async () => {
    const lines = textsOf(await outputOf(`perl -e 'print "x" x 200_000, "\\nnext\\n"'`), 'stdout');
    expect(lines.pop()).toBe('next');
    expect(lines.join('')).toBe('x'.repeat(200_000));
    expect(Math.max(...lines.map(({ length }) => length))).toBe(MAX_LINE_BYTES);
  });

  test('A tail gives the last lines', async () => {
    const { id } = await run('for i in 1 2 3 4 5; do echo $i; done');
    await engine.waitForExit(id);
    const lines = await collect(engine.logs(id, { tail: 2 }));
    expect(lines.map(({ text }) => text)).toEqual(['4', '5']);
    expect(await collect(engine.logs(id, { tail: 0 }))).toEqual([]);
  });

  test('Without follow the lines so far come and no more', async () => {
    const { id } = await run('echo one; sleep 60');
    for await (const _ of engine.logs(id, { follow: true })) break;
    expect((await collect(engine.logs(id))).map(({ text }) => text)).toEqual(['one']);
  });

  test('Following gives lines as they are written and ends with the process', async () => {
    const { mounts, wait, open } = await gate();
    const { id } = await run(`echo one; ${wait}; echo two`, { mounts });
    const texts: string[] = [];
    for await (const lines of engine.logs(id, { follow: true })) {
      texts.push(...lines.map(({ text }) => text));
      if (texts.length === 1) await open();
    }
    expect(texts).toEqual(['one', 'two']);
  });

  test('Following ends quietly when its signal aborts', async () => {
    const { id } = await run('echo one; sleep 60');
    const controller = new AbortController();
    const texts: string[] = [];
    for await (const lines of engine.logs(id, { follow: true, signal: controller.signal })) {
      texts.push(...lines.map(({ text }) => text));
      controller.abort();
    }
    expect(texts).toEqual(['one']);
    expect(await collect(engine.logs(id, { signal: controller.signal }))).toEqual([]);
  });

  test('The output of what is gone is an error that says so', async () => {
    const { id } = await run('exit 0');
    await engine.remove(id);
    await expect(collect(engine.logs(id))).rejects.toThrow(`No such container: ${id}`);
  });
}
