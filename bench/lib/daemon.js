import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, untilListening } from './ports.js';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** A config.yml that is there, and describes nothing: what is measured is smlocal alone. */
const EMPTY_CONFIG = '# Nothing: the benchmark makes its endpoints itself.\n{}\n';

/** `smlocal up` in a folder of its own. */
export class BenchDaemon {
  /** @param {{ folder: string, pid: number, url: string, spawnedAt: number, listenMs: number, stop: () => Promise<void>, restart: () => Promise<BenchDaemon> }} parts */
  constructor({ folder, pid, url, spawnedAt, listenMs, stop, restart }) {
    this.folder = folder;
    this.pid = pid;
    this.url = url;
    /** On the clock of `performance.now()`. */
    this.spawnedAt = spawnedAt;
    /** From the spawn of its process to its port taking a connection. */
    this.listenMs = listenMs;
    /** Stops it, removes its containers and its folder. */
    this.stop = stop;
    /** Stops it, and starts another in the same folder. */
    this.restart = restart;
  }
}

/**
 * @param {import('./cleanup.js').Cleanup} cleanup
 * @param {(folder: string) => Promise<void>} write writes the project into the folder, its config.yml included
 * @param {string} program understands `up --port PORT`
 * @returns {Promise<BenchDaemon>} listening
 */
export async function startDaemon(cleanup, write = writeNothing, program = CLI) {
  const folder = await mkdtemp(join(tmpdir(), 'smlocal-bench-'));
  const removeFolder = cleanup.add(() => rm(folder, { recursive: true, force: true }));
  await write(folder);
  return startIn(cleanup, folder, removeFolder, program);
}

/**
 * @param {import('./cleanup.js').Cleanup} cleanup
 * @param {string} folder
 * @param {() => Promise<void>} removeFolder
 * @param {string} program
 * @returns {Promise<BenchDaemon>}
 */
async function startIn(cleanup, folder, removeFolder, program) {
  const port = await freePort();
  const from = performance.now();
  const child = spawn(process.execPath, [program, 'up', '--port', String(port)], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(child, 'exit');
  const stopProcess = cleanup.add(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  const died = ended.then(([code]) => {
    throw new Error(`smlocal up ended with exit code ${code} before it listened`);
  });
  died.catch(() => undefined);
  const listeningAt = await Promise.race([untilListening(port), died]);
  return new BenchDaemon({
    folder,
    pid: Number(child.pid),
    url: `http://127.0.0.1:${port}`,
    spawnedAt: from,
    listenMs: listeningAt - from,
    stop: async () => {
      await stopProcess();
      await removeFolder();
    },
    restart: async () => {
      await stopProcess();
      return startIn(cleanup, folder, removeFolder, program);
    },
  });
}

/** @param {string} folder */
function writeNothing(folder) {
  return writeFile(join(folder, 'config.yml'), EMPTY_CONFIG);
}
