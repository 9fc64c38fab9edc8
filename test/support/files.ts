import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Every file and folder under a folder: its path there, when it was last changed, and whose it is. */
export async function filesUnder(
  folder: string,
): Promise<{ path: string; changed: bigint; owner: bigint }[]> {
  const paths = await readdir(folder, { recursive: true });
  return Promise.all(
    paths.sort().map(async (path) => {
      const { ctimeNs, uid } = await lstat(join(folder, path), { bigint: true });
      return { path, changed: ctimeNs, owner: uid };
    }),
  );
}
