import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeArchive, unpackings } from '../../create/archive.js';
import { median } from '../../lib/numbers.js';
import { packings } from '../../package/packings.js';
import { makeProject } from '../../package/project.js';

/** Archives against tar: one of 100 MB that does not compress is unpacked, 100 MB of mixed data are packed. */
export const RATIOS = /** @type {const} */ ({
  unpack_vs_flushed_tar: 'less',
  pack_vs_tar_gzip: 'less',
});

const ROUNDS = 3;
const BYTES = 100e6;

/** @type {import('../ratios.js').RatioSet['measure']} */
export async function measure({ cleanup, say }) {
  const folder = await mkdtemp(join(tmpdir(), 'smlocal-bench-'));
  cleanup.add(() => rm(folder, { recursive: true, force: true }));
  const archive = await makeArchive(folder, BYTES);
  const unpacked = await unpackings(folder, archive, ROUNDS, say);
  const packed = [];
  const project = await makeProject(folder, BYTES);
  for (let round = 0; round < ROUNDS; round += 1) {
    const into = join(folder, `packed-${round}`);
    await mkdir(into);
    packed.push(await packings(cleanup, project, into));
    await rm(into, { recursive: true });
  }
  return {
    unpack_vs_flushed_tar: median(
      unpacked.ours.map((ours, round) => ours / unpacked.flushedTar[round]),
    ),
    pack_vs_tar_gzip: median(packed.map(({ packed, tarMs }) => packed.ms / tarMs)),
  };
}
