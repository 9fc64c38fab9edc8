import { execFile } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { hundredths, median } from '../lib/numbers.js';
import { checkReady } from '../lib/ready.js';
import { measureInService } from '../start/in-service.js';

const run = promisify(execFile);

const UNPACKER = fileURLToPath(new URL('./unpacker.js', import.meta.url));
const IMAGE = 'smlocal/flask-app';
const FIXTURE = new URL('../../fixtures/entity-tagger/build/model.tar.gz', import.meta.url).href;

const FILES = 5;
const FILE_BYTES = 100e6;

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
  const archive = await makeArchive(folder);
  say(`unpacking it, against tar xzf: ${rounds} runs`);
  const found = await unpackings(folder, archive, rounds, say);
  const figures = hundredths({
    inservice_over_bare_ms: service.overMs,
    unpack_vs_tar: median(found.ours) / median(found.tar),
    cached_ms: median(found.cached),
    unpack_ms: median(found.ours),
    tar_xzf_ms: median(found.tar),
    runs: rounds,
  });
  return { figures, goals: { inservice_over_bare_ms: 200, unpack_vs_tar: 1.15 } };
}

/** @param {string} folder @returns {Promise<string>} the archive */
async function makeArchive(folder) {
  const model = join(folder, 'model');
  await mkdir(model);
  for (let index = 0; index < FILES; index += 1) {
    const file = await open(join(model, `weights-${index}.bin`), 'w');
    const piece = Buffer.alloc(1e6);
    for (let at = 0; at < FILE_BYTES; at += piece.length) {
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
 * In turn, each into a folder that is new.
 * @param {string} folder
 * @param {string} archive
 * @param {number} runs
 * @param {(line: string) => void} say
 */
async function unpackings(folder, archive, runs, say) {
  /** @type {Record<'ours' | 'cached' | 'tar', number[]>} */
  const found = { ours: [], cached: [], tar: [] };
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
    await rm(theirs, { recursive: true });
    say(`  ours ${coldMs.toFixed(0)} ms, tar ${found.tar.at(-1)?.toFixed(0)} ms`);
  }
  return found;
}
