import { ExitCode, SmlocalError } from '../errors.js';
import { isRunning } from './lock.js';
import type { DaemonAddress, StateFolder } from './state-folder.js';

/** Where the daemon of this state folder answers; undefined where none runs. */
export function findDaemon(folder: StateFolder): DaemonAddress | undefined {
  const address = folder.readAddress();
  return address !== undefined && isRunning(address.pid) ? address : undefined;
}

/** As {@link findDaemon}. @throws SmlocalError (exit code `notRunning`) where no daemon runs */
export function runningDaemon(folder: StateFolder): DaemonAddress {
  const address = findDaemon(folder);
  if (address !== undefined) return address;
  throw new SmlocalError(`smlocal is not running (state folder ${folder.path}).`, {
    hint: 'Start it with "smlocal up", or name its folder with --state-dir.',
    exitCode: ExitCode.notRunning,
  });
}
