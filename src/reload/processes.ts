import type { ContainerEngine } from '../containers/engine.js';
import type { ServerKind } from './reload-plan.js';

/** A process inside a container, by the container's own numbers. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: readonly string[];
}

/** Reads /proc with a shell's own means, for many images have no ps. One line a process: pid, parent, arguments. */
const LIST = `for d in /proc/[0-9]*; do
  read -r stat < "$d/stat" || continue
  rest=\${stat##*) }; set -- $rest
  printf '%s\\t%s\\t' "\${d#/proc/}" "$2"
  tr '\\0' '\\t' < "$d/cmdline"
  printf '\\n'
done 2>/dev/null`;

/** The processes of a container; none where it has no shell to ask with. */
export async function processesOf(
  engine: ContainerEngine,
  id: string,
  signal: AbortSignal,
): Promise<Process[]> {
  const { exitCode, output } = await engine.exec(id, ['/bin/sh', '-c', LIST], signal);
  return exitCode === 0 ? parseProcesses(output) : [];
}

export function parseProcesses(output: string): Process[] {
  return output.split('\n').flatMap((line) => {
    const [pid, parent, ...command] = line.split('\t').filter((part) => part !== '');
    return command.length === 0 ? [] : [{ pid: Number(pid), parent: Number(parent), command }];
  });
}

/** A server, with the process that its workers are children of and the workers themselves. */
export interface Server {
  readonly kind: ServerKind;
  readonly master: Process;
  readonly workers: readonly Process[];
}

/** Finds the server whose workers can be made anew, by how its processes were started. */
export function findServer(processes: readonly Process[]): Server | undefined {
  const childrenOf = (pid: number) =>
    processes.filter(({ parent, command }) => parent === pid && !isTracker(command));
  for (const master of processes) {
    const kind = kindOf(master);
    if (kind === undefined || kindOf(processes.find(({ pid }) => pid === master.parent)) === kind)
      continue;
    const workers = isJava(kind) ? handlerProcesses(processes, kind) : childrenOf(master.pid);
    if (workers.length > 0) return { kind, master, workers };
  }
  return undefined;
}

/** A process of Python's own beside those that `multiprocessing` starts, as uvicorn does; it lives as long as the master. */
function isTracker(command: readonly string[]): boolean {
  return command.some((word) => word.includes('multiprocessing.resource_tracker'));
}

function isJava(kind: ServerKind): boolean {
  return kind === 'torchserve' || kind === 'multi-model-server';
}

function kindOf(process: Process | undefined): ServerKind | undefined {
  const words = process?.command ?? [];
  if (words.some((word) => word === 'org.pytorch.serve.ModelServer')) return 'torchserve';
  if (words.some((word) => word === 'com.amazonaws.ml.mms.ModelServer'))
    return 'multi-model-server';
  // `gunicorn …`, `python gunicorn …`, `python -m gunicorn …`.
  const named = words[1] === '-m' ? words.slice(2, 3) : words.slice(0, 2);
  const program = named.map((word) => word.split('/').at(-1) ?? '');
  if (program.some((word) => word.startsWith('gunicorn'))) return 'gunicorn';
  if (program.includes('uvicorn') && words.includes('--workers')) return 'uvicorn';
  return undefined;
}

/**
 * The Python processes behind a Java front end. Multi-model-server forks its workers from one that must live, for nothing
 * ever starts it again (contract.md, D.3).
 */
function handlerProcesses(processes: readonly Process[], kind: ServerKind): Process[] {
  const script = /model_(service_)?worker\.py$/;
  const handlers = processes.filter(({ command }) => command.some((word) => script.test(word)));
  if (kind === 'torchserve') return handlers;
  const pids = new Set(handlers.map(({ pid }) => pid));
  return handlers.filter(({ parent }) => pids.has(parent));
}
