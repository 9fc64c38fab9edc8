import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerEngine } from '../containers/engine.js';
import { SmlocalError } from '../errors.js';
import { isEngineAway } from '../hosting/engine-away.js';
import { PIP_CACHE } from '../reload/agent-extras.js';
import { takeLock } from './lock.js';
import { removeOwnContainers } from './own-containers.js';
import { IGNORE_EVERYTHING, type StateFolder } from './state-folder.js';

/** Whatever smlocal keeps in a state folder; `lock` comes last, for it keeps others out meanwhile. */
const OWN = [
  /^(state|cache|logs|mailboxes|processes|packages|s3|s3-state|s3-remote|deploy)$/,
  /^(daemon\.log|up\.log|\.gitignore|engine(\.\d+)?)$/,
  /^(daemon|role-keys)\.json(\.\d+)?$/,
  /^lock(\.\d+|\.takeover)?$/,
];

export interface Purged {
  /** False where no container engine answers, so that containers may be left. */
  readonly engineAnswers: boolean;
  /** False where a container of another project's uses what pip has downloaded for all of them. */
  readonly volumeRemoved: boolean;
  /** What was found in the folder that is not smlocal's, and stays. */
  readonly left: readonly string[];
}

/**
 * Removes whatever there is of a state folder whose daemon has ended: containers, volume, files.
 * @throws SmlocalError where the folder is not one that smlocal has made, or is in use
 */
export async function purge(folder: StateFolder, engine: ContainerEngine): Promise<Purged> {
  refuseOthersFolder(folder);
  const unlock = takeLock(folder.lockFile);
  try {
    const ofEngine = await purgeEngine(folder, engine);
    const left = purgeFiles(folder.path);
    return { ...ofEngine, left };
  } finally {
    unlock();
  }
}

async function purgeEngine(folder: StateFolder, engine: ContainerEngine) {
  try {
    await removeOwnContainers(engine, folder.id, AbortSignal.abort());
    const volumeRemoved = await engine.removeVolume(PIP_CACHE.source);
    return { engineAnswers: true, volumeRemoved };
  } catch (error) {
    if (isEngineAway(error)) return { engineAnswers: false, volumeRemoved: true };
    throw error;
  }
}

/** Somebody may have named a folder of his own with --state-dir: only where all is ours may anything be removed. */
function refuseOthersFolder({ path }: StateFolder): void {
  const mark = join(path, '.gitignore');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === IGNORE_EVERYTHING) return;
  throw new SmlocalError(`${path} is not a folder that smlocal has made; nothing was removed.`, {
    hint: 'Name its state folder with --state-dir, or remove this one yourself.',
  });
}

function purgeFiles(path: string): string[] {
  for (const own of OWN)
    for (const name of readdirSync(path).filter((entry) => own.test(entry)))
      rmSync(join(path, name), { recursive: true, force: true });
  const left = readdirSync(path);
  if (left.length === 0) rmdirSync(path);
  return left;
}
