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
  await succeed(`${ROOT}scripts/prepare`, []);
  const folder = await mkdtemp(join(tmpdir(), 'smlocal-installed-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    return { command: await installInto(folder), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function installInto(folder: string): Promise<string> {
  const quiet = ['--loglevel', 'error'];
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
  return join(prefix, 'bin', 'smlocal');
}
