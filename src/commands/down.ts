import { existsSync } from 'node:fs';
import { ModelShelves } from '../artifacts/model-shelves.js';
import { createDockerEngine } from '../containers/docker.js';
import { takeLock } from '../daemon/lock.js';
import { removeOwnContainers } from '../daemon/own-containers.js';
import { purge } from '../daemon/purge.js';
import { type StateFolder, stateFolderFor } from '../daemon/state-folder.js';
import { ExitCode, SmlocalError } from '../errors.js';
import { createLogger } from '../log.js';
import { AgentExtras, PIP_CACHE } from '../reload/agent-extras.js';
import { DaemonClient } from './daemon-client.js';

export interface DownOptions {
  readonly config?: string;
  readonly stateDir?: string;
  readonly force?: boolean;
  /** Remove all that smlocal has kept as well. */
  readonly purge?: boolean;
}

/** `smlocal down`: stops the daemon, or cleans up after one that was killed. */
export async function down(options: DownOptions): Promise<ExitCode> {
  const folder = stateFolderFor(options, process.env);
  const client = DaemonClient.find(folder);
  if (client === undefined) {
    const removed = await removeLeftovers(folder);
    const found = removed === 0 ? '' : ` Removed ${removed} container(s) that it had left.`;
    process.stdout.write(`smlocal is not running.${found}\n`);
  } else {
    const { pid } = client;
    process.stdout.write(`Stopping smlocal (process ${pid}); containers have 30 s to end …\n`);
    await client.shutdown({ force: options.force ?? false });
    process.stdout.write('Stopped; no container is left.\n');
  }
  return options.purge ? purgeAll(folder) : ExitCode.ok;
}

async function purgeAll(folder: StateFolder): Promise<ExitCode> {
  if (!existsSync(folder.path)) {
    process.stdout.write(`There is nothing to remove: no folder ${folder.path}.\n`);
    return ExitCode.ok;
  }
  const purged = await purge(folder, createDockerEngine({ log: createLogger() }));
  const lines = [
    purged.left.length === 0
      ? `Removed ${folder.path}.`
      : `Removed what is smlocal's in ${folder.path}. The rest is not, and stays: ${purged.left.join(', ')}.`,
  ];
  if (!purged.volumeRemoved)
    lines.push(`The volume ${PIP_CACHE.source} stays, for containers of another project use it.`);
  if (!purged.engineAnswers)
    lines.push(
      'No container engine answers. If one ran containers here, type "smlocal down" once it does.',
    );
  process.stdout.write(`${lines.join('\n')}\n`);
  return ExitCode.ok;
}

/** The containers of a daemon that is gone; the lock makes sure that no other starts meanwhile. */
async function removeLeftovers(folder: StateFolder): Promise<number> {
  // Without a folder, too: it may have been removed by hand, and its containers are known by its path.
  const unlock = existsSync(folder.path) ? takeLock(folder.lockFile) : () => {};
  try {
    const engine = createDockerEngine({ log: createLogger() });
    const removed = await removeOwnContainers(engine, folder.id, AbortSignal.abort());
    await new AgentExtras(folder.path).disposeAll();
    await new ModelShelves(folder.path).removeAll();
    folder.removeAddress();
    return removed;
  } catch (error) {
    // Without an engine nothing of ours can run.
    if (error instanceof SmlocalError && error.exitCode === ExitCode.noEngine) return 0;
    throw error;
  } finally {
    unlock();
  }
}
