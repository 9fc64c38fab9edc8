import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './fixtures.js';
import { succeed } from './run.js';

export interface Installed {
  /** The `smlocal` command. */
  readonly command: string;
  remove(): Promise<void>;
}

/** Packs the package as it would be published and installs it, globally, into a place of its own outside the checkout. */
export async function installPackage(): Promise<Installed> {
  const folder = await mkdtemp(join(tmpdir(), 'smlocal-installed-'));
  const quiet = ['--loglevel', 'error'];
  await succeed(`${ROOT}scripts/prepare`, []);
  // What `prepack` does has just been done; twice would take dist/ away from whoever uses it.
  const pack = ['pack', '--ignore-scripts', '--pack-destination', folder, ...quiet];
  await succeed('npm', pack, { cwd: ROOT });
  const packed = (await readdir(folder)).find((name) => name.endsWith('.tgz')) ?? '';
  const prefix = join(folder, 'prefix');
  await succeed(
    'npm',
    ['install', '--global', '--prefix', prefix, '--prefer-offline', ...quiet, join(folder, packed)],
    { cwd: folder },
  );
  return {
    command: join(prefix, 'bin', 'smlocal'),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
