import { createDockerEngine } from '../containers/docker.js';
import { takeLock } from '../daemon/lock.js';
import { removeOwnContainers } from '../daemon/own-containers.js';
import { type StateFolder, stateFolderFor } from '../daemon/state-folder.js';
import { ExitCode, SmlocalError } from '../errors.js';
import { createLogger } from '../log.js';
import { AgentExtras } from '../reload/agent-extras.js';
import { DaemonClient } from './daemon-client.js';

export interface DownOptions {
  readonly config?: string;
  readonly stateDir?: string;
  readonly force?: boolean;
}

/** `smlocal down`: stops the daemon, or cleans up after one that was killed. */
export async function down(options: DownOptions): Promise<ExitCode> {
  const folder = stateFolderFor(options, process.env);
  const client = DaemonClient.find(folder);
  if (client === undefined) {
    const removed = await removeLeftovers(folder);
    const found = removed === 0 ? '' : ` Removed ${removed} container(s) that it had left.`;
    process.stdout.write(`smlocal is not running.${found}\n`);
    return ExitCode.ok;
  }
  process.stdout.write(`Stopping smlocal (process ${client.pid}); containers have 30 s to end …\n`);
  await client.shutdown({ force: options.force ?? false });
  process.stdout.write('Stopped; no container is left.\n');
  return ExitCode.ok;
}

/** The containers of a daemon that is gone; the lock makes sure that no other starts meanwhile. */
async function removeLeftovers(folder: StateFolder): Promise<number> {
  if (folder.readAddress() === undefined) return 0;
  const unlock = takeLock(folder.lockFile);
  try {
    const engine = createDockerEngine({ log: createLogger() });
    const removed = await removeOwnContainers(engine, folder.id, AbortSignal.abort());
    await new AgentExtras(folder.path).disposeAll();
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
