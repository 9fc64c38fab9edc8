import { lstat, readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { artifactsForTest, type Member, memberBytes, paxRecords, targz, tarOf } from './archive.js';

async function unpacked(archive: Buffer): Promise<string> {
  const { artifacts, put } = await artifactsForTest();
  return artifacts.directoryFor(await put(archive));
}

const unpackedMembers = (...members: readonly Member[]) => unpacked(targz(...members));
const text = (directory: string, name: string) => readFile(join(directory, name), 'utf8');

describe('a good archive', () => {
  it.each(['/', './', '.', '', '//', './/./'])(
    'may hold the folder itself as %j, as the SageMaker Python SDK writes it',
    async (name) => {
      const directory = await unpackedMembers(
        { name, type: '5', mode: 0o700 },
        { name: 'code', type: '5' },
        { name: 'code/inference.py', content: 'pass' },
      );
      expect(await text(directory, 'code/inference.py')).toBe('pass');
      expect((await stat(directory)).mode & 0o7777).toBe(0o755);
    },
  );

  it('may have members that begin with ./', async () => {
    const directory = await unpackedMembers(
      { name: './', type: '5' },
      { name: './model.pth', content: 'weights' },
    );
    expect(await text(directory, 'model.pth')).toBe('weights');
  });

  it('may hold a file without the directories above it', async () => {
    const directory = await unpackedMembers({ name: 'a/b/c.txt', content: 'deep' });
    expect(await text(directory, 'a/b/c.txt')).toBe('deep');
  });

  it('keeps empty directories and empty files', async () => {
    const directory = await unpackedMembers({ name: 'empty/', type: '5' }, { name: 'nothing' });
    expect(await readdir(join(directory, 'empty'))).toEqual([]);
    expect(await text(directory, 'nothing')).toBe('');
  });

  it('lets the last of two members with one name win, and a hard link to the first keep it', async () => {
    const directory = await unpackedMembers(
      { name: 'a', content: 'first' },
      { name: 'linked', type: '1', linkpath: './a' },
      { name: './a', content: 'second' },
    );
    expect(await text(directory, 'a')).toBe('second');
    expect(await text(directory, 'linked')).toBe('first');
  });

  it('lets a file replace a symbolic link of its name, and a symbolic link a file', async () => {
    const directory = await unpackedMembers(
      { name: 'real', content: 'real' },
      { name: 'a', type: '2', linkpath: 'real' },
      { name: 'a', content: 'now a file' },
      { name: 'b', content: 'a file' },
      { name: 'b', type: '2', linkpath: 'real' },
    );
    expect(await text(directory, 'a')).toBe('now a file');
    expect(await readlink(join(directory, 'b'))).toBe('real');
    expect(await text(directory, 'real')).toBe('real');
  });

  it('keeps symbolic links that stay inside, also ones to what comes later or nowhere', async () => {
    const directory = await unpackedMembers(
      { name: 'code/weights', type: '2', linkpath: '../v2/model.pth' },
      { name: 'latest', type: '2', linkpath: 'v2' },
      { name: 'through', type: '2', linkpath: 'latest/../v2/model.pth' },
      { name: 'dangling', type: '2', linkpath: 'missing' },
      { name: 'v2/model.pth', content: 'two' },
    );
    expect(await text(directory, 'code/weights')).toBe('two');
    expect(await text(directory, 'latest/model.pth')).toBe('two');
    expect(await text(directory, 'through')).toBe('two');
    expect(await readlink(join(directory, 'dangling'))).toBe('missing');
  });

  it('keeps hard links, to files and to symbolic links', async () => {
    const directory = await unpackedMembers(
      { name: 'a', content: 'shared' },
      { name: 'l', type: '2', linkpath: 'a' },
      { name: 'b', type: '1', linkpath: 'a' },
      { name: 'm', type: '1', linkpath: 'l' },
      { name: 'a', type: '1', linkpath: 'a' },
    );
    expect((await stat(join(directory, 'a'))).ino).toBe((await stat(join(directory, 'b'))).ino);
    expect(await readlink(join(directory, 'm'))).toBe('a');
  });

  it('may have PAX names that are long, not ASCII, or hold a line end', async () => {
    const name = `${'深い/'.repeat(40)}${'é'.repeat(100)}\nx=1`;
    const content = 'found';
    const directory = await unpackedMembers(
      { name: 'PaxHeader', type: 'x', content: paxRecords({ path: name, mtime: '1600000000.5' }) },
      { name: 'short', content },
      { name: 'after', content: 'the next one has its own name' },
    );
    expect(await text(directory, name)).toBe(content);
    expect((await stat(join(directory, name))).mtimeMs).toBe(1_600_000_000_500);
    expect(await readdir(directory)).toEqual(['after', '深い']);
  });

  it('may have its names anywhere in the stream that zlib cuts into pieces', async () => {
    const names = Array.from(
      { length: 4000 },
      (_, i) => `${i}-${'ф'.repeat(100)}/${'ж'.repeat(110)}`,
    );
    const directory = await unpackedMembers(
      ...names.flatMap((path) => [
        { name: 'PaxHeader', type: 'x', content: paxRecords({ path, comment: 'ц'.repeat(300) }) },
        { name: 'short', content: path },
      ]),
    );
    for (const name of names) expect(await text(directory, name)).toBe(name);
  });

  it('may have GNU long names and link targets', async () => {
    const long = `${'d'.repeat(80)}/${'f'.repeat(120)}`;
    const directory = await unpackedMembers(
      { name: '././@LongLink', type: 'L', content: `${long}\0` },
      { name: long.slice(0, 100), content: 'long' },
      { name: '././@LongLink', type: 'K', content: `${long}\0` },
      { name: 'link', type: '2', linkpath: long.slice(0, 100) },
    );
    expect(await text(directory, 'link')).toBe('long');
    expect(await readlink(join(directory, 'link'))).toBe(long);
  });

  it('may have a ustar prefix, a global comment, a label, and directories as old tars wrote them', async () => {
    const directory = await unpackedMembers(
      { name: 'pax_global_header', type: 'g', content: paxRecords({ comment: 'a'.repeat(40) }) },
      { name: 'label', type: 'V' },
      { name: 'file', content: 'x', raw: [[345, 'a/prefix']] },
      { name: 'old/', type: '0' },
      { name: 'older', type: '\0', content: 'v7' },
      { name: 'contiguous', type: '7', content: 'c' },
    );
    expect(await text(directory, 'a/prefix/file')).toBe('x');
    expect((await stat(join(directory, 'old'))).isDirectory()).toBe(true);
    expect(await text(directory, 'older')).toBe('v7');
    expect(await text(directory, 'contiguous')).toBe('c');
    expect(await readdir(directory)).not.toContain('label');
  });

  it('keeps odd modes, but nothing set-uid or set-gid, and all removable by its owner', async () => {
    const directory = await unpackedMembers(
      { name: 'locked', type: '5', mode: 0o2000 },
      { name: 'locked/run', mode: 0o6751, content: 'x' },
      { name: 'none', mode: 0, content: 'x' },
      { name: 'open', mode: 0o1777, content: Buffer.alloc(70_000) },
    );
    const mode = async (name: string) => (await lstat(join(directory, name))).mode & 0o7777;
    expect(await mode('locked')).toBe(0o700);
    expect(await mode('locked/run')).toBe(0o751);
    expect(await mode('none')).toBe(0o600);
    expect(await mode('open')).toBe(0o777);
    expect((await lstat(join(directory, 'open'))).uid).toBe(process.getuid?.());
  });

  it('keeps the times of files', async () => {
    const mtime = new Date('2020-02-02T02:02:02Z');
    const directory = await unpackedMembers(
      { name: 'small', mtime, content: 'x' },
      { name: 'large', mtime, content: Buffer.alloc(200_000) },
    );
    expect((await stat(join(directory, 'small'))).mtime).toEqual(mtime);
    expect((await stat(join(directory, 'large'))).mtime).toEqual(mtime);
  });

  it('may have times that are none', async () => {
    const raw = [
      [136, Buffer.from([0x80, 0, 0, 0, 0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])],
    ] as const;
    const directory = await unpackedMembers(
      { name: 'PaxHeader', type: 'x', content: paxRecords({ mtime: 'never' }) },
      { name: 'small', content: 'x' },
      { name: 'large', content: Buffer.alloc(200_000), raw },
    );
    expect((await readdir(directory)).sort()).toEqual(['large', 'small']);
  });

  it('may be of several gzip members, and padded with zeros', async () => {
    const tar = tarOf({ name: 'a', content: Buffer.alloc(5000, 'a') });
    const directory = await unpacked(
      Buffer.concat([
        gzipSync(tar.subarray(0, 700)),
        gzipSync(tar.subarray(700)),
        Buffer.alloc(3e6),
      ]),
    );
    expect(await text(directory, 'a')).toBe('a'.repeat(5000));
  });

  it('may have anything after its end mark, which tar does not read either', async () => {
    const tar = Buffer.concat([tarOf({ name: 'a', content: 'a' }), Buffer.alloc(5e6, 'rest')]);
    expect(await readdir(await unpacked(gzipSync(tar)))).toEqual(['a']);
  });

  it('may be empty, and may end after one zero block', async () => {
    expect(await readdir(await unpacked(gzipSync(Buffer.alloc(10_240))))).toEqual([]);
    const one = Buffer.concat([memberBytes({ name: 'a', content: 'a' }), Buffer.alloc(512)]);
    expect(await readdir(await unpacked(gzipSync(one)))).toEqual(['a']);
  });

  it('keeps large content byte for byte', async () => {
    const content = Buffer.alloc(7_654_321, 'The quick brown fox jumps over the lazy dog. ');
    const directory = await unpackedMembers({ name: 'model.bin', content }, { name: 'after' });
    expect((await readFile(join(directory, 'model.bin'))).equals(content)).toBe(true);
  });
});
