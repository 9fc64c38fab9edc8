import { execFile } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

const UNPACKER = fileURLToPath(new URL('./unpacker.js', import.meta.url));

const FILES = 5;

/**
 * An archive of files that do not compress.
 * @param {string} folder
 * @param {number} bytes of all files together
 * @returns {Promise<string>} the archive
 */
export async function makeArchive(folder, bytes) {
  const model = join(folder, 'model');
  await mkdir(model);
  for (let index = 0; index < FILES; index += 1) {
    const file = await open(join(model, `weights-${index}.bin`), 'w');
    const piece = Buffer.alloc(1e6);
    for (let at = 0; at < bytes / FILES; at += piece.length) {
      await file.writeFile(randomFillSync(piece));
    }
    await file.close();
  }
  const archive = join(folder, 'model.tar.gz');
  await run('tar', ['-czf', archive, '-C', model, '.']);
  await rm(model, { recursive: true });
  return archive;
}

/**
 * smlocal's own and tar's in turn, each into a folder that is new; tar's with and without a flush of what it wrote, as ours is
 * flushed.
 * @param {string} folder
 * @param {string} archive
 * @param {number} runs
 * @param {(line: string) => void} say
 */
export async function unpackings(folder, archive, runs, say) {
  /** @type {Record<'ours' | 'cached' | 'tar' | 'flushedTar', number[]>} */
  const found = { ours: [], cached: [], tar: [], flushedTar: [] };
  for (let index = 0; index < runs; index += 1) {
    const [ours, theirs] = [join(folder, 'state'), join(folder, 'tar')];
    const { stdout } = await run(process.execPath, [UNPACKER, archive, ours]);
    const { coldMs, cachedMs } = JSON.parse(stdout);
    found.ours.push(coldMs);
    found.cached.push(cachedMs);
    await rm(ours, { recursive: true });
    await mkdir(theirs);
    const from = performance.now();
    await run('tar', ['-xzf', archive, '-C', theirs]);
    found.tar.push(performance.now() - from);
    await run('sync', ['--file-system', theirs]);
    found.flushedTar.push(performance.now() - from);
    await rm(theirs, { recursive: true });
    say(`  ours ${coldMs.toFixed(0)} ms, tar ${found.tar.at(-1)?.toFixed(0)} ms`);
  }
  return found;
}
