import { execFile, spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const PACKER = fileURLToPath(new URL('./packer.js', import.meta.url));

/**
 * A project by tar and gzip, by smlocal, and by smlocal once more, which finds that nothing has changed.
 * @param {import('../lib/cleanup.js').Cleanup} cleanup
 * @param {{ model: string, code: string }} project
 * @param {string} folder where the archives go
 */
export async function packings(cleanup, { model, code }, folder) {
  const archive = join(folder, 'plain.tar.gz');
  const tarMs = await timed(() => tarGzip(model, code, archive));
  const packed = await pack(cleanup, model, code, join(folder, 'packages'));
  const again = await pack(cleanup, model, code, join(folder, 'packages'));
  if (!packed.built || again.built || again.digest !== packed.digest) {
    throw new Error('The second packing should have found the package of the first.');
  }
  return { tarMs, packed, again, tarBytes: await sizeOf(archive) };
}

/**
 * One packing in a process of its own, from its spawn to its end: what a user waits for.
 * @param {import('../lib/cleanup.js').Cleanup} cleanup
 * @param {string} model
 * @param {string} code
 * @param {string} into
 * @returns {Promise<{ built: boolean, digest: string, bytes: number, peakRssMb: number, ms: number }>}
 */
async function pack(cleanup, model, code, into) {
  const from = performance.now();
  const run = promisify(execFile)(process.execPath, [PACKER, model, code, into]);
  const forget = cleanup.add(() => run.child.kill('SIGKILL'));
  const { stdout } = await run;
  const ms = performance.now() - from;
  await forget();
  return { ...JSON.parse(stdout), ms };
}

/**
 * What one types without smlocal, its gzip at the level that smlocal packs with too.
 * @param {string} model
 * @param {string} code
 * @param {string} archive
 */
async function tarGzip(model, code, archive) {
  const file = await open(archive, 'w');
  const parent = code.slice(0, code.lastIndexOf('/'));
  const tar = spawn('tar', ['-c', '-C', model, '.', '-C', parent, 'code'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gzip = spawn('gzip', ['-6', '-c'], { stdio: [tar.stdout, file.fd, 'inherit'] });
  try {
    await Promise.all([succeeded(tar), succeeded(gzip)]);
    // Ours is on the disk when it says that it is done.
    await file.sync();
  } finally {
    await file.close();
  }
}

/** @param {import('node:child_process').ChildProcess} child @returns {Promise<void>} */
function succeeded(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${child.spawnfile} ended with ${code}`)),
    );
  });
}

/** @param {() => Promise<unknown>} work @returns {Promise<number>} milliseconds */
async function timed(work) {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

/** @param {string} path */
async function sizeOf(path) {
  const file = await open(path);
  try {
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}
