import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { create } from 'tar';

const run = promisify(execFile);

/** Built by scripts/images before the tests; it has sh and perl, and no entry point. */
export const BASE_IMAGE = 'debian:bookworm-slim';

/** The docker command, for what our port does not do: making images. Its answer without the line end. */
export async function docker(...args: string[]): Promise<string> {
  const { stdout } = await run('docker', args);
  return stdout.trim();
}

export interface ImageOptions {
  readonly bytes?: number;
  /** Lines of a Dockerfile. */
  readonly changes?: readonly string[];
  readonly mode?: number;
}

/**
 * Makes an image of one layer, a file of random bytes that no other image has; so a registry has to send all of it.
 * @returns its id
 */
export async function importImage(
  name: string,
  { bytes = 1024, changes = [], mode = 0o644 }: ImageOptions = {},
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'smlocal-image-'));
  try {
    await writeFile(join(folder, 'random'), randomBytes(bytes), { mode });
    await create({ cwd: folder, file: join(folder, 'image.tar') }, ['random']);
    const options = changes.flatMap((change) => ['--change', change]);
    return await docker('import', ...options, join(folder, 'image.tar'), name);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Removes names and images; what is not there is no error. */
export async function removeImages(...names: string[]): Promise<void> {
  await docker('rmi', '--force', ...names).catch(() => {});
}
