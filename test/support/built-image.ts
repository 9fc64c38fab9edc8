import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { docker } from '../containers/test-image.js';

/**
 * Builds an image for tests. It stays on the engine, so that the next run has its layers.
 *
 * @param files what the Dockerfile copies, by name
 * @returns its name
 */
export async function builtImage(
  name: string,
  dockerfile: string,
  files: Readonly<Record<string, string>> = {},
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'smlocal-image-'));
  try {
    for (const [path, text] of Object.entries({ ...files, Dockerfile: dockerfile }))
      await writeFile(join(folder, path), text);
    await docker('build', '--quiet', '--tag', name, folder);
    return name;
  } finally {
    await rm(folder, { recursive: true });
  }
}
