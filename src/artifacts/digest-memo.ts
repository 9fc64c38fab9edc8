import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Which content a file had, remembered on the disk by the file's identity (`identityOf`). */
export class DigestMemo {
  constructor(private readonly folder: string) {}

  async get(path: string, identity: string): Promise<string | undefined> {
    try {
      const memo: unknown = JSON.parse(await readFile(this.#fileOf(path), 'utf8'));
      return isMemo(memo) && memo.identity === identity ? memo.digest : undefined;
    } catch {
      // None yet, or one that cannot be read: the archive is read again, and the memo written anew.
      return undefined;
    }
  }

  async set(path: string, identity: string, digest: string): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    const file = this.#fileOf(path);
    const partial = `${file}.${randomUUID()}`;
    try {
      await writeFile(partial, JSON.stringify({ identity, digest }));
      await rename(partial, file);
    } finally {
      await rm(partial, { force: true });
    }
  }

  #fileOf(path: string): string {
    return join(this.folder, `${createHash('sha256').update(path).digest('hex')}.json`);
  }
}

function isMemo(value: unknown): value is { identity: string; digest: string } {
  if (typeof value !== 'object' || value === null) return false;
  const { identity, digest } = value as { identity?: unknown; digest?: unknown };
  return (
    typeof identity === 'string' && typeof digest === 'string' && /^[0-9a-f]{64}$/.test(digest)
  );
}
