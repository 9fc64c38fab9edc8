import { createHash } from 'node:crypto';
import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createArtifacts } from '../../src/artifacts/artifacts.js';
import { type PackageSource, packageModel } from '../../src/artifacts/package.js';
import { createLogger } from '../../src/log.js';
import { run, succeed } from '../support/run.js';

const { signal } = new AbortController();

/** A project with a model of several sorts of file and a handler, and what packs it. */
async function project() {
  const root = await mkdtemp(join(tmpdir(), 'smlocal-package-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const model = join(root, 'model');
  const code = join(root, 'code');
  await mkdir(join(model, 'tokens', 'empty'), { recursive: true });
  await mkdir(join(code, '__pycache__'), { recursive: true });
  await writeFile(join(model, 'weights.bin'), Buffer.alloc(700_000, 'abc'));
  await writeFile(join(model, 'tokens', 'é.txt'), 'token');
  await writeFile(join(model, `${'long'.repeat(40)}.txt`), 'long');
  await symlink('weights.bin', join(model, 'latest'));
  await writeFile(join(code, 'inference.py'), 'pass');
  await writeFile(join(code, '__pycache__', 'inference.pyc'), 'bytes');
  const folder = join(root, 'packages');
  const artifacts = createArtifacts({ stateDir: join(root, 'state'), log: createLogger() });
  const unpacked = (file: string) =>
    artifacts.directoryFor({ uri: `file://${file}`, compression: 'Gzip' });
  const pack = (source: PackageSource = { model, code }, into = folder) =>
    packageModel(source, { folder: into, unpacked, signal, onProgress: () => undefined });
  return { root, model, code, folder, pack, unpacked };
}

const MEMBERS = [
  'code/',
  'code/inference.py',
  'latest',
  `${'long'.repeat(40)}.txt`,
  'tokens/',
  'tokens/empty/',
  'tokens/é.txt',
  'weights.bin',
];

const listing = async (file: string) =>
  (
    await succeed('tar', ['--quoting-style=literal', '-tzf', file], {
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
    })
  )
    .trim()
    .split('\n');

test('The same files give the same bytes in another place, at another time and in another order', async () => {
  const one = await project();
  const other = await project();
  await rm(other.model, { recursive: true });
  await mkdir(join(other.model, 'tokens'), { recursive: true });
  for (const name of (await readdir(one.model, { recursive: true })).reverse()) {
    await cp(join(one.model, name), join(other.model, name), {
      recursive: true,
      verbatimSymlinks: true,
    });
  }
  await utimes(join(other.model, 'weights.bin'), 1, 1);
  await chmod(join(other.code, 'inference.py'), 0o600);
  const [first, second] = [await one.pack(), await other.pack()];
  expect(second.digest).toBe(first.digest);
  const bytes = await readFile(first.file);
  expect(bytes.equals(await readFile(second.file))).toBe(true);
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(first.digest);
  expect(first.bytes).toBe(bytes.length);
});

test('tar, Python and smlocal’s own unpacking read it, names, links and contents', async () => {
  const { pack, model, root, unpacked } = await project();
  const { file, leftOut } = await pack();
  expect(await listing(file)).toEqual(MEMBERS);
  expect(leftOut).toEqual(['code/__pycache__']);
  const names = `import tarfile; print("\\n".join(sorted(m.name for m in tarfile.open(${JSON.stringify(file)}))))`;
  const python = await succeed('python3', ['-c', names], {
    env: { ...process.env, PYTHONUTF8: '1' },
  });
  expect(python.trim().split('\n')).toEqual(MEMBERS.map((name) => name.replace(/\/$/, '')));
  const folder = await unpacked(file);
  const weights = await readFile(join(model, 'weights.bin'));
  expect((await readFile(join(folder, 'latest'))).equals(weights)).toBe(true);
  expect(await readFile(join(folder, 'code', 'inference.py'), 'utf8')).toBe('pass');
  await succeed('gzip', ['--test', file], { cwd: root });
});

test('What has not changed is not packed again, though it was touched', async () => {
  const { pack, model } = await project();
  const first = await pack();
  expect(first.built).toBe(true);
  expect(await pack()).toMatchObject({ built: false, digest: first.digest, file: first.file });
  await utimes(join(model, 'weights.bin'), 5, 5);
  expect(await pack()).toMatchObject({ built: false, digest: first.digest });
});

test.each([
  ['a content', (model: string) => writeFile(join(model, 'tokens', 'é.txt'), 'TOKEN')],
  ['a name', (model: string) => writeFile(join(model, 'more'), '')],
  ['a mode', (model: string) => chmod(join(model, 'weights.bin'), 0o755)],
  ['a folder', (model: string) => rm(join(model, 'tokens', 'empty'), { recursive: true })],
  ['the package itself', async (_: string, file: string) => truncate(file, 9)],
])('It is packed again when %s has changed', async (_, change) => {
  const { pack, model } = await project();
  const first = await pack();
  await change(model, first.file);
  const second = await pack();
  expect(second.built).toBe(true);
  await succeed('gzip', ['--test', second.file]);
});

test('A handler takes the place of the code that an archive has, and all else of the archive stays', async () => {
  const { root, model, code, pack } = await project();
  await mkdir(join(model, 'code'));
  await writeFile(join(model, 'code', 'old.py'), 'old');
  const archive = join(root, 'model.tar.gz');
  await succeed('tar', ['-czf', archive, '-C', model, '.']);
  const { file } = await pack({ model: archive, code });
  expect(await listing(file)).toEqual(MEMBERS);
});

test('An archive without a handler is its own package', async () => {
  const { root, model, pack } = await project();
  const archive = join(root, 'model.tar.gz');
  await succeed('tar', ['-czf', archive, '-C', model, '.']);
  const digest = createHash('sha256')
    .update(await readFile(archive))
    .digest('hex');
  expect(await pack({ model: archive })).toMatchObject({ file: archive, digest, built: false });
  await writeFile(archive, 'other');
  expect((await pack({ model: archive })).digest).not.toBe(digest);
});

test('What .gitignore names, the model beside the handler and smlocal’s own files are left out of code', async () => {
  const { code, pack } = await project();
  await writeFile(join(code, '.gitignore'), 'notes/\n*.log\n');
  await mkdir(join(code, 'notes'));
  await mkdir(join(code, '.smlocal'));
  await mkdir(join(code, 'build'));
  for (const name of ['notes/a', 'x.log', '.smlocal/b', 'build/model.bin', 'data.txt'])
    await writeFile(join(code, name), name);
  const { file, leftOut } = await pack({ model: join(code, 'build'), code });
  expect(await listing(file)).toEqual([
    'code/',
    'code/.gitignore',
    'code/data.txt',
    'code/inference.py',
    'model.bin',
  ]);
  expect([...leftOut].sort()).toEqual(
    ['.smlocal', '__pycache__', 'build', 'notes', 'x.log'].map((name) => `code/${name}`),
  );
});

test('Of a link that leads out of the folder, what it leads to is packed', async () => {
  const { root, model, pack } = await project();
  await mkdir(join(root, 'elsewhere'));
  await writeFile(join(root, 'elsewhere', 'blob'), 'outside');
  await symlink(join(root, 'elsewhere'), join(model, 'out'));
  const { file } = await pack({ model });
  expect(await succeed('tar', ['-xzOf', file, 'out/blob'])).toBe('outside');
});

test('What cannot be packed is named: a dangling link, a circle of folders, a pipe, nothing at all', async () => {
  const { root, model, pack } = await project();
  await symlink('nowhere', join(model, 'dangling'));
  await expect(pack({ model })).rejects.toThrow(/dangling is a symbolic link that leads nowhere/);
  await rm(join(model, 'dangling'));
  const circle = join(root, 'circle');
  await mkdir(circle);
  await symlink(circle, join(model, 'loop'));
  await expect(pack({ model })).resolves.toBeDefined();
  await symlink(circle, join(circle, 'again'));
  await expect(pack({ model })).rejects.toThrow(/again leads back to a folder/);
  await rm(join(model, 'loop'));
  expect((await run('mkfifo', [join(model, 'pipe')])).code).toBe(0);
  await expect(pack({ model })).rejects.toThrow(/pipe is neither a file, a folder nor a link/);
  await expect(pack({ model: join(root, 'none') })).rejects.toThrow(/nothing to pack/);
});

test('What a killed process left half-written is removed', async () => {
  const { folder, pack } = await project();
  await mkdir(folder);
  // No process has a number beyond the kernel's largest.
  await writeFile(join(folder, 'key.tar.gz.99999999.some-id.partial'), 'half');
  await pack();
  expect((await readdir(folder)).filter((name) => name.endsWith('.partial'))).toEqual([]);
});
