import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hundredths, median } from '../lib/numbers.js';
import { checkReady } from '../lib/ready.js';
import { measureInService } from '../start/in-service.js';
import { makeArchive, unpackings } from './archive.js';

const IMAGE = 'smlocal/flask-app';
const FIXTURE = new URL('../../fixtures/entity-tagger/build/model.tar.gz', import.meta.url).href;

const ARCHIVE_BYTES = 500e6;

/**
 * What CreateEndpoint takes beside what it cannot do without. README.md says what each key is.
 * @param {{ cleanup: import('../lib/cleanup.js').Cleanup, runs: number, say: (line: string) => void }} bench
 */
export async function runCreate({ cleanup, runs, say }) {
  await checkReady([IMAGE], ['entity-tagger']);
  const rounds = Math.min(runs, 5);
  say(`to InService, against a bare docker run: ${rounds} runs`);
  const service = await measureInService(
    cleanup,
    { image: IMAGE, modelDataUrl: FIXTURE },
    rounds,
    say,
  );
  const folder = await mkdtemp(join(tmpdir(), 'smlocal-bench-create-'));
  cleanup.add(() => rm(folder, { recursive: true, force: true }));
  say('making an archive of 500 MB that does not compress');
  const archive = await makeArchive(folder, ARCHIVE_BYTES);
  say(`unpacking it, against tar xzf: ${rounds} runs`);
  const found = await unpackings(folder, archive, rounds, say);
  const figures = hundredths({
    inservice_over_bare_ms: service.overMs,
    unpack_vs_tar: median(found.ours) / median(found.tar),
    unpack_vs_flushed_tar: median(found.ours) / median(found.flushedTar),
    cached_ms: median(found.cached),
    unpack_ms: median(found.ours),
    tar_xzf_ms: median(found.tar),
    runs: rounds,
  });
  return { figures, goals: { inservice_over_bare_ms: 200, unpack_vs_tar: 1.15 } };
}
