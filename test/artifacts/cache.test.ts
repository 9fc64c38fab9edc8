import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync, readdirSync } from 'node:fs';
import {
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { createArtifacts } from '../../src/artifacts/artifacts.js';
import { createLogger } from '../../src/log.js';
import type { Progress } from '../../src/progress.js';
import { artifactsForTest, targz, tarOf } from './archive.js';

const LARGE = gzipSync(tarOf({ name: 'model.bin', content: randomBytes(8_000_000) }), { level: 0 });

describe('the cache of unpacked archives', () => {
  it('is named by the SHA-256 of the archive', async () => {
    const { artifacts, put, models } = await artifactsForTest();
    const archive = targz({ name: 'a', content: 'a' });
    const digest = createHash('sha256').update(archive).digest('hex');
    expect(await artifacts.directoryFor(await put(archive))).toBe(join(models, digest));
  });

  it('has everything of an archive flushed to the disk before it has its name', async () => {
    const { artifacts, put, models } = await artifactsForTest();
    const data = await put(targz({ name: 'a', content: 'a' }, { name: 'sub/b', content: 'b' }));
    const handle = await open(import.meta.filename);
    const namesAtFlush: string[][] = [];
    const spy = vi.spyOn(Object.getPrototypeOf(handle), 'sync').mockImplementation(async () => {
      namesAtFlush.push(await readdir(models));
    });
    try {
      await artifacts.directoryFor(data);
    } finally {
      spy.mockRestore();
      await handle.close();
    }
    const isPartial = (names: string[]) => names.every((name) => name.startsWith('.partial-'));
    const beforeItsName = namesAtFlush.filter(isPartial);
    // Two files, the directory of one and that of both; then the directory in which it got its name.
    expect([beforeItsName.length, namesAtFlush.length]).toEqual([4, 5]);
  });

  it('unpacks an unchanged archive once, also for the next daemon', async () => {
    const { artifacts, put, stateDir } = await artifactsForTest();
    const data = await put(targz({ name: 'a', content: 'a' }));
    const directory = await artifacts.directoryFor(data);
    const { ino } = await stat(directory);
    const seen: Progress[] = [];
    const next = createArtifacts({ stateDir, log: createLogger() });
    for (const each of [artifacts, next]) {
      const options = { onProgress: (progress: Progress) => seen.push(progress) };
      expect(await each.directoryFor(data, options)).toBe(directory);
    }
    expect((await stat(directory)).ino).toBe(ino);
    expect(seen).toEqual([]);
  });

  it('unpacks anew what has changed, to another directory', async () => {
    const { artifacts, put } = await artifactsForTest();
    const first = await artifacts.directoryFor(await put(targz({ name: 'a', content: 'a' })));
    const second = await artifacts.directoryFor(await put(targz({ name: 'a', content: 'b' })));
    expect(await readFile(join(first, 'a'), 'utf8')).toBe('a');
    expect(await readFile(join(second, 'a'), 'utf8')).toBe('b');
  });

  it('gives the same directory for an archive that was only touched, or copied', async () => {
    const { artifacts, put, root, models } = await artifactsForTest();
    const archive = targz({ name: 'a', content: 'a' });
    const data = await put(archive);
    const directory = await artifacts.directoryFor(data);
    await utimes(join(root, 'model.tar.gz'), 1, 1);
    expect(await artifacts.directoryFor(data)).toBe(directory);
    expect(await artifacts.directoryFor(await put(archive, 'copy.tgz'))).toBe(directory);
    expect(await readdir(models)).toHaveLength(1);
  });

  it('unpacks again where its directory is gone, or its memo is damaged', async () => {
    const { artifacts, put, stateDir } = await artifactsForTest();
    const data = await put(targz({ name: 'a', content: 'a' }));
    const directory = await artifacts.directoryFor(data);
    await rm(directory, { recursive: true });
    expect(await artifacts.directoryFor(data)).toBe(directory);
    const index = join(stateDir, 'cache', 'index');
    for (const name of await readdir(index)) await writeFile(join(index, name), '{"identity":');
    expect(await artifacts.directoryFor(data)).toBe(directory);
    expect(await readFile(join(directory, 'a'), 'utf8')).toBe('a');
  });

  it('unpacks once for all that ask for one archive at the same time', async () => {
    const { artifacts, put, models } = await artifactsForTest();
    const data = await put(LARGE);
    const starts: number[] = [];
    const directories = await Promise.all(
      Array.from({ length: 8 }, () =>
        artifacts.directoryFor(data, {
          onProgress: () => {
            starts.push(readdirSync(models).filter((name) => name.startsWith('.partial-')).length);
          },
        }),
      ),
    );
    expect(new Set(directories).size).toBe(1);
    expect(Math.max(...starts)).toBe(1);
  });

  it('unpacks two archives of the same content at the same time', async () => {
    const { artifacts, put, models } = await artifactsForTest();
    const all = [await put(LARGE, 'a.tar.gz'), await put(LARGE, 'b.tar.gz')];
    const [first, second] = await Promise.all(all.map((data) => artifacts.directoryFor(data)));
    expect(first).toBe(second);
    expect(await readdir(models)).toHaveLength(1);
  });

  it('says how far it is, at most ten times a second, and the end', async () => {
    const { artifacts, put } = await artifactsForTest();
    const seen: Progress[] = [];
    const started = performance.now();
    await artifacts.directoryFor(await put(LARGE), { onProgress: (each) => seen.push(each) });
    const atMost = 2 + Math.ceil((performance.now() - started) / 100);
    expect(seen.length).toBeLessThanOrEqual(atMost);
    expect(seen.at(-1)).toEqual({
      activity: 'unpacking model.tar.gz',
      done: LARGE.length,
      total: LARGE.length,
    });
  });

  it('is left empty by an abort, and the next call unpacks', async () => {
    const { artifacts, put, models } = await artifactsForTest();
    const data = await put(LARGE);
    const controller = new AbortController();
    const reason = new Error('stop');
    await expect(
      artifacts.directoryFor(data, {
        signal: controller.signal,
        onProgress: () => controller.abort(reason),
      }),
    ).rejects.toBe(reason);
    expect(await readdir(models)).toEqual([]);
    expect(await readdir(await artifacts.directoryFor(data))).toEqual(['model.bin']);
  });

  it('does nothing for a signal that is aborted already', async () => {
    const { artifacts, put, root } = await artifactsForTest();
    const data = await put(LARGE);
    await expect(artifacts.directoryFor(data, { signal: AbortSignal.abort() })).rejects.toThrow();
    expect(await readdir(root)).toEqual(['model.tar.gz']);
  });

  it('goes on for the others when one of them aborts', async () => {
    const { artifacts, put } = await artifactsForTest();
    const data = await put(LARGE);
    const controller = new AbortController();
    const leaving = artifacts.directoryFor(data, {
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('leaving')),
    });
    const staying = artifacts.directoryFor(data);
    await expect(leaving).rejects.toThrow('leaving');
    expect(await readdir(await staying)).toEqual(['model.bin']);
  });

  it('is cleared of what a killed daemon left half made, but not of what is being made', async () => {
    const { artifacts, put, models, stateDir } = await artifactsForTest();
    const leftOver = join(models, `.partial-${process.pid}-1-left-over`);
    await mkdir(join(leftOver, 'deep'), { recursive: true });
    await writeFile(join(leftOver, 'deep', 'file'), 'x');
    const running = artifacts.directoryFor(await put(LARGE), {});
    const other = createArtifacts({ stateDir, log: createLogger() });
    const data = await put(targz({ name: 'a', content: 'a' }), 'other.tar.gz');
    const directories = await Promise.all([running, other.directoryFor(data)]);
    expect((await readdir(models)).map((name) => join(models, name)).sort()).toEqual(
      directories.sort(),
    );
  });

  it('refuses an archive that changes while it is read', async () => {
    const { artifacts, put, models, root } = await artifactsForTest();
    const data = await put(LARGE);
    const reading = artifacts.directoryFor(data, {
      onProgress: () => appendFileSync(join(root, 'model.tar.gz'), 'more'),
    });
    await expect(reading).rejects.toThrow(/model\.tar\.gz changed while it was being read/);
    expect(await readdir(models)).toEqual([]);
  });

  it('reads the archive that was there to its end where another takes its name', async () => {
    const { artifacts, put, root } = await artifactsForTest();
    const data = await put(LARGE);
    await put(targz({ name: 'new', content: 'new' }), 'new.tar.gz');
    const moves: Promise<void>[] = [];
    const directory = await artifacts.directoryFor(data, {
      onProgress: () => {
        if (moves.length > 0) return;
        moves.push(rename(join(root, 'new.tar.gz'), join(root, 'model.tar.gz')));
      },
    });
    await Promise.all(moves);
    expect(await readdir(directory)).toEqual(['model.bin']);
    expect(await readdir(await artifacts.directoryFor(data))).toEqual(['new']);
  });
});
