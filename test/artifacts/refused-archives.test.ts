import { randomBytes } from 'node:crypto';
import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { ArtifactLimits } from '../../src/artifacts/artifacts.js';
import { SmlocalError } from '../../src/errors.js';
import {
  artifactsForTest,
  END,
  type Member,
  memberBytes,
  paxRecords,
  targz,
  tarOf,
} from './archive.js';

/** Expects a refusal whose message says all of this, a hint, and that nothing is left behind. */
async function expectRefusal(
  archive: Buffer,
  words: readonly string[],
  limits: Partial<ArtifactLimits> = {},
): Promise<void> {
  const { root, artifacts, put, models, stateDir } = await artifactsForTest(limits);
  const error = await artifacts.directoryFor(await put(archive)).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(SmlocalError);
  for (const each of [join(root, 'model.tar.gz'), ...words]) expect(String(error)).toContain(each);
  expect((error as SmlocalError).hint).toMatch(/tar -czh?f/);
  expect(await readdir(models)).toEqual([]);
  expect(await readdir(join(stateDir, 'cache'))).toEqual(['models']);
  expect(await readdir(root)).toEqual(['model.tar.gz', 'state']);
}

const file = (name: string): Member => ({ name, content: 'x' });
const symlink = (name: string, linkpath: string): Member => ({ name, type: '2', linkpath });
const hardlink = (name: string, linkpath: string): Member => ({ name, type: '1', linkpath });
const longPath = (path: string): Member => ({
  name: 'PaxHeader',
  type: 'x',
  content: paxRecords({ path }),
});

const REFUSED: readonly (readonly [string, readonly Member[], readonly string[]])[] = [
  ['a path that leaves the folder', [file('../x')], ['"../x"', 'leaves']],
  ['a path that leaves it on a way round', [file('a/../../x')], ['"a/../../x"', 'leaves']],
  ['a path that ends in ..', [{ name: 'a/..', type: '5' }], ['"a/.."']],
  ['an absolute path', [file('/etc/x')], ['"/etc/x"', 'absolute']],
  ['a PAX path that leaves the folder', [longPath('../x'), file('ok')], ['"../x"']],
  [
    'a symbolic link to an absolute path',
    [symlink('l', '/etc/passwd')],
    ['"l"', '/etc/passwd', 'outside'],
  ],
  ['a symbolic link to the parent', [symlink('a/l', '../../x')], ['"a/l"', '../../x', 'outside']],
  ['a symbolic link that leaves and comes back', [symlink('l', '../folder/x')], ['"l"', 'outside']],
  [
    'a symbolic link that leaves by way of another',
    [symlink('a/b/up', '..'), symlink('l', 'a/b/up/../../x')],
    ['"l"', 'outside'],
  ],
  [
    'a symbolic link that leaves by way of one that comes later',
    [
      symlink('l', 'd/../..'),
      symlink('d', 'deep/er'),
      { name: 'deep/er', type: '5' },
      symlink('m', 'n/../..'),
      symlink('n', '.'),
    ],
    ['"m"', 'outside'],
  ],
  ['symbolic links in a circle', [symlink('a', 'b'), symlink('b', 'a')], ['"a"', 'circle']],
  ['a symbolic link to nothing', [symlink('l', '')], ['"l"']],
  ['a file through a symbolic link', [symlink('d', 'e'), file('d/x')], ['"d/x"', 'through', '"d"']],
  [
    'a hard link to an absolute path',
    [hardlink('h', '/etc/passwd')],
    ['"h"', '/etc/passwd', 'outside'],
  ],
  ['a hard link to the parent', [hardlink('h', '../state')], ['"h"', '../state', 'outside']],
  [
    'a hard link through a symbolic link',
    [symlink('d', '.'), hardlink('h', 'd/x')],
    ['"h"', 'd/x'],
  ],
  ['a hard link to what is not there', [hardlink('h', 'missing')], ['"h"', 'missing']],
  ['a hard link to a directory', [{ name: 'd', type: '5' }, hardlink('h', 'd')], ['"h"', '"d"']],
  ['a character device', [{ name: 'dev/null', type: '3' }], ['"dev/null"', 'character device']],
  ['a block device', [{ name: 'sda', type: '4' }], ['"sda"', 'block device']],
  ['a FIFO', [{ name: 'pipe', type: '6' }], ['"pipe"', 'FIFO']],
  ['a type of member that is not known', [{ name: 'what', type: 'Q' }], ['"what"', '"Q"']],
  ['a sparse file of GNU tar', [{ name: 'sparse', type: 'S' }], ['"sparse"', 'sparse']],
  [
    'a sparse file of PAX',
    [{ name: 'p', type: 'x', content: paxRecords({ 'GNU.sparse.major': '1' }) }, file('sparse')],
    ['sparse'],
  ],
  ['a file where a directory is needed', [file('a'), file('a/b')], ['"a/b"', '"a"', 'directory']],
  ['a file in place of a directory', [file('a/b'), file('a')], ['"a"', 'directory']],
  ['a directory in place of a file', [file('a'), { name: 'a/', type: '5' }], ['"a/"', 'file']],
  [
    'a symbolic link in place of a directory',
    [file('a/b'), symlink('a', 'c')],
    ['"a"', 'directory'],
  ],
  ['a NUL in a name', [{ ...file('ok'), raw: [[3, 'evil']] }], ['"ok"', 'NUL']],
  ['a NUL in a PAX name', [longPath('ok\0evil'), file('ok')], ['NUL']],
  [
    'a NUL in a GNU long name',
    [{ name: 'L', type: 'L', content: 'ok\0evil\0' }, file('ok')],
    ['NUL'],
  ],
  [
    'a name that is not UTF-8',
    [{ name: '', content: 'x', raw: [[0, Buffer.from([0x61, 0xe9, 0x62])]] }],
    ['"aéb"', 'UTF-8'],
  ],
  ['a file without a name', [file('')], ['""']],
  [
    'a name that the disk cannot hold',
    [longPath('n'.repeat(300)), file('n')],
    ['nnn', 'ENAMETOOLONG'],
  ],
  ['a path longer than any', [longPath('n/'.repeat(4000)), file('n')], ['n/n', 'too long']],
  [
    'a damaged PAX header',
    [{ name: 'p', type: 'x', content: '99 path=x\n' }, file('n')],
    ['PAX', 'damaged'],
  ],
  ['a size that is none', [{ ...file('s'), raw: [[124, 'zzzzzzzzzzz']] }], ['"s"', 'size']],
  [
    'a global PAX header that renames',
    [{ name: 'g', type: 'g', content: paxRecords({ path: 'x' }) }, file('n')],
    ['global'],
  ],
];

describe('an archive is refused, and nothing of it kept, that holds', () => {
  it.each(REFUSED)('%s', async (_, members, words) => {
    await expectRefusal(targz(file('first'), ...members), words);
  });
});

describe('an archive is refused that', () => {
  const tar = tarOf({ name: 'a', content: randomBytes(100_000) }, { name: 'b', content: 'b' });

  it.each([0.999, 0.5, 0.01])('has only the first %d of its gzip data', async (part) => {
    const whole = gzipSync(tar);
    await expectRefusal(whole.subarray(0, Math.floor(whole.length * part)), ['cut short']);
  });

  it.each([100, 513, 51_200, 101_000, 101_376])(
    'has only the first %d bytes of its tar data, in whole gzip data',
    async (length) => {
      await expectRefusal(gzipSync(tar.subarray(0, length)), [
        length < 512 ? 'not a tar archive' : 'cut short',
      ]);
    },
  );

  it('ends between two members without an end mark', async () => {
    await expectRefusal(gzipSync(memberBytes(file('a'))), ['end mark']);
  });

  it('has a damaged byte in its gzip data', async () => {
    const damaged = gzipSync(tar);
    damaged[60_000] = (damaged[60_000] ?? 0) ^ 0xff;
    await expectRefusal(damaged, ['damaged']);
  });

  it('has a header with a wrong checksum', async () => {
    const damaged = tarOf(file('a'), file('b'));
    damaged[1024] = 'c'.charCodeAt(0);
    await expectRefusal(gzipSync(damaged), ['checksum']);
  });

  it('goes on after its end mark with members that only some extractors see', async () => {
    const parts = [memberBytes(file('a')), END.subarray(0, 512), memberBytes(file('b')), END];
    await expectRefusal(gzipSync(Buffer.concat(parts)), ['zero block']);
  });

  it.each<[string, Buffer, string[]]>([
    ['a plain tar archive', tarOf(file('a')), ['plain tar', 'gzip']],
    ['a zip archive', Buffer.from('PK\x03\x04 and so on'), ['zip archive']],
    ['nothing', Buffer.alloc(0), ['empty']],
    ['text', Buffer.from('hello'), ['not gzip data']],
    ['something else in gzip', gzipSync('hello '.repeat(1000)), ['not a tar archive']],
    ['nothing in gzip', gzipSync(''), ['not a tar archive']],
    [
      'a plain tar archive, then gzip',
      Buffer.concat([targz(file('a')), Buffer.from('junk')]),
      ['damaged'],
    ],
  ])('is %s', async (_, archive, words) => {
    await expectRefusal(archive, words);
  });

  it('unpacks to more bytes than the limit', async () => {
    const bomb = targz({ name: 'zeros', content: Buffer.alloc(3_000_000) });
    expect(bomb.length).toBeLessThan(10_000);
    await expectRefusal(bomb, ['2000000 bytes'], { maxBytes: 2_000_000 });
  });

  it('hides bytes over the limit behind its end mark', async () => {
    const bomb = gzipSync(Buffer.concat([tarOf(file('a')), Buffer.alloc(3_000_000)]));
    await expectRefusal(bomb, ['2000000 bytes'], { maxBytes: 2_000_000 });
  });

  it('has more entries than the limit', async () => {
    const members = Array.from({ length: 11 }, (_, i) => file(`f${i}`));
    await expectRefusal(targz(...members), ['10 entries'], { maxEntries: 10 });
  });

  it('implies more directories than the limit', async () => {
    await expectRefusal(targz(file(`${'d/'.repeat(40)}f`)), ['10 entries'], { maxEntries: 10 });
  });

  it('says that it is a file of a size over the limit', async () => {
    const huge = { ...file('huge'), raw: [[124, '77777777777']] as const };
    await expectRefusal(targz(huge), ['cut short']);
  });
});

it('A refused archive writes nothing outside of the folder', async () => {
  const { root, artifacts, put } = await artifactsForTest();
  const data = await put(targz(symlink('d', root), file('d/planted')));
  await expect(artifacts.directoryFor(data)).rejects.toThrow('"d/planted"');
  await expect(access(join(root, 'planted'))).rejects.toThrow('ENOENT');
});
