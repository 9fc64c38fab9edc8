import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { round } from '../lib/numbers.js';
import { packings } from './packings.js';
import { makeProject } from './project.js';

/** The most that each figure may be. */
const GOALS = { pack_vs_tar_gzip: 1.2, repack_unchanged_ms: 300, peak_rss_mb: 150 };

/**
 * What a deploy costs before anything is sent. README.md says what each key is.
 * @param {{ cleanup: import('../lib/cleanup.js').Cleanup, say: (line: string) => void }} bench
 */
export async function runPackage({ cleanup, say }) {
  const folder = await mkdtemp(join(tmpdir(), 'smlocal-bench-package-'));
  cleanup.add(() => rm(folder, { recursive: true, force: true }));
  say('making 1 GB of mixed data');
  const project = await makeProject(folder, 1e9);
  say('tar | gzip -6, packing, and packing again, unchanged');
  const { tarMs, packed, again, tarBytes } = await packings(cleanup, project, folder);
  const figures = {
    pack_vs_tar_gzip: Math.round((packed.ms / tarMs) * 100) / 100,
    repack_unchanged_ms: round(again.ms),
    peak_rss_mb: round(packed.peakRssMb),
    pack_ms: round(packed.ms),
    tar_gzip_ms: round(tarMs),
    size_vs_tar_gzip: Math.round((packed.bytes / tarBytes) * 1000) / 1000,
    input_mb: round(project.bytes / 1e6),
    files: project.files,
  };
  return { figures, goals: GOALS };
}
