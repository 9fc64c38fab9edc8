import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Change } from './changes.js';
import type { WorkerReport } from './mailbox.js';

/**
 * A changed file that some worker has loaded in another version than the one on disk: some images copy the folder that is
 * mounted, and what they copied does not change.
 *
 * @param sourceDirectory the host's folder behind /opt/ml/model/code; where there is none, nothing can be said
 */
export async function differingFile(
  workers: readonly WorkerReport[],
  changes: readonly Change[],
  sourceDirectory: string | undefined,
): Promise<string | undefined> {
  if (sourceDirectory === undefined) return undefined;
  for (const { path } of changes) {
    const loaded = workers.flatMap(({ modules }) =>
      Object.values(modules).filter(({ file }) => file === path),
    );
    if (loaded.length === 0) continue;
    const saved = await readFile(join(sourceDirectory, path)).catch(() => undefined);
    const digest = saved && createHash('sha256').update(saved).digest('hex');
    if (loaded.some((module) => module.digest !== digest)) return path;
  }
  return undefined;
}
