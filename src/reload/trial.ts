import type { ContainerEngine } from '../containers/engine.js';
import type { Process, Server } from './processes.js';
import type { TierResult } from './result.js';

/** How the programs in smlocal_agent end when the code cannot be imported. */
const NOT_IMPORTED = 4;

/**
 * Why the workers of a server had better stay: the code is loaded as a new worker would load it, in a process beside those
 * that serve on. gunicorn's master ends with a worker that cannot import its application, and behind the others nothing
 * serves any more.
 *
 * @returns undefined where new workers would come up
 */
export async function whyNotRenew(
  engine: ContainerEngine,
  id: string,
  server: Server,
  signal: AbortSignal,
): Promise<TierResult | undefined> {
  const { kind, master } = server;
  if (isGentle(server) && !(await mindsHangUp(engine, id, master, signal)))
    return { kind: 'cannot', reason: `this ${kind} makes no new workers on a signal` };
  const { directory, command } = attempt(server);
  // What such a process imports is no worker's, so our agent is not to tell of it.
  const script = `unset SMLOCAL_MAILBOX; cd ${directory} && exec "$@"`;
  const apart = ['/bin/sh', '-c', script, 'sh', ...command];
  const { exitCode, output } = await engine.exec(id, apart, signal);
  if (exitCode === 0) return undefined;
  // Also servers that load their handler with the first call only are not to come to that.
  if (kind === 'gunicorn' || exitCode === NOT_IMPORTED) return { kind: 'failed', failure: output };
  // A new container says for certain whether it is the code, or only our attempt at it.
  const last = output.trimEnd().split('\n').at(-1);
  return { kind: 'cannot', reason: `new workers could not load the code: ${last}` };
}

/** Whether the server ends its old workers itself, and starts new ones, on SIGHUP. */
export function isGentle({ kind }: Server): boolean {
  return kind === 'gunicorn' || kind === 'uvicorn';
}

/** What ends with 0 where a new worker would come up, and where it has to run. */
function attempt({ kind, master, workers }: Server): { directory: string; command: string[] } {
  const workerOrMaster = workers[0] ?? master;
  const python = workerOrMaster.command[0] ?? 'python3';
  // It has changed its directory already where it was told to, and is about to be told once more.
  if (kind === 'gunicorn')
    return { directory: '.', command: [...master.command, '--check-config'] };
  if (kind !== 'uvicorn') {
    const directory = `/proc/${workerOrMaster.pid}/cwd`;
    return { directory, command: [python, '-m', 'smlocal_agent.trial'] };
  }
  const program = master.command.findIndex((word) => word.split('/').at(-1) === 'uvicorn');
  const given = master.command.slice(program + 1);
  const directory = `/proc/${master.pid}/cwd`;
  return { directory, command: [python, '-m', 'smlocal_agent.uvicorn_trial', ...given] };
}

/** Whether a process catches SIGHUP: it is the end of one that does not, as of uvicorn before 0.30. */
async function mindsHangUp(
  engine: ContainerEngine,
  id: string,
  { pid }: Process,
  signal: AbortSignal,
): Promise<boolean> {
  const look = `while read -r name mask; do [ "$name" = SigCgt: ] && echo "$mask"; done < /proc/${pid}/status`;
  const { output } = await engine.exec(id, ['/bin/sh', '-c', look], signal);
  // Signal 1 is the lowest bit of the mask's last digit.
  return Number.parseInt(output.trim().slice(-1), 16) % 2 === 1;
}
