import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Every file and folder under a folder: its path there, when it was last changed, and whose it is; not what goes meanwhile. */
export async function filesUnder(
  folder: string,
): Promise<{ path: string; changed: bigint; owner: bigint }[]> {
  const paths = await readdir(folder, { recursive: true });
  const found = await Promise.all(
    paths.sort().map(async (path) => {
      // A daemon that works there writes beside and renames.
      const stats = await lstat(join(folder, path), { bigint: true }).catch(() => undefined);
      return stats === undefined ? [] : [{ path, changed: stats.ctimeNs, owner: stats.uid }];
    }),
  );
  return found.flat();
}
