import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { ContainerSpec } from '../engine.js';
import { memoryLimit } from '../hardening.js';
import { PYTHON_FILES, type Python } from './python.js';
import type { LaunchOrder } from './serving-process.js';

/** Names a server of the user's own, in place of the host for handlers; a line for the shell. */
const COMMAND = 'SMLOCAL_COMMAND';

/** What a process takes over of our own environment. Nothing else, AWS credentials least of all. */
const INHERITED = ['HOME', 'USER', 'LANG', 'LC_ALL', 'TMPDIR', 'TZ', 'LD_LIBRARY_PATH'];

const MODEL_DIRECTORY = '/opt/ml/model';
const CODE_DIRECTORY = '/opt/ml/model/code';

/**
 * How a container's spec is run as a process: the handler by our serving host, or the user's own server.
 *
 * @param ports the container's ports and those of this machine that stand for them
 */
export function launchOrder(
  spec: ContainerSpec,
  python: Python,
  directory: string,
  ports: ReadonlyMap<number, number>,
): LaunchOrder {
  const mounts = spec.mounts.filter(({ volume }) => volume !== true);
  const own = spec.environment[COMMAND];
  return {
    command:
      own === undefined
        ? [python.executable, '-m', 'smlocal_serving']
        : ['/bin/sh', '-c', `exec ${own}`],
    environment: environmentOf(spec, python, ports),
    mounts,
    directory,
    workdir: codeOf(spec) === undefined ? directory : CODE_DIRECTORY,
    memory: memoryLimit(),
  };
}

/** What the handler's requirements.txt is on this machine, whether or not it exists. */
export function requirementsOf(spec: ContainerSpec): string | undefined {
  const code = codeOf(spec);
  return code === undefined ? undefined : join(code, 'requirements.txt');
}

/** The folder of this machine that is shown as the handler's; the last mount over it is the one that is seen. */
function codeOf({ mounts }: ContainerSpec): string | undefined {
  const own = mounts.findLast(({ target }) => target === CODE_DIRECTORY)?.source;
  const model = mounts.findLast(({ target }) => target === MODEL_DIRECTORY)?.source;
  const packed = model === undefined ? undefined : join(model, 'code');
  return own ?? (packed !== undefined && existsSync(packed) ? packed : undefined);
}

function environmentOf(
  spec: ContainerSpec,
  python: Python,
  ports: ReadonlyMap<number, number>,
): Record<string, string> {
  const inherited = INHERITED.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const { PYTHONPATH, PIP_CACHE_DIR: _volume, ...rest } = spec.environment;
  const port = String(ports.get(spec.containerPort));
  return {
    ...Object.fromEntries(inherited),
    // The programs of its packages: gunicorn, say.
    PATH: [dirname(python.executable), process.env.PATH].join(delimiter),
    SAGEMAKER_BASE_DIR: '/opt/ml',
    SM_MODEL_DIR: MODEL_DIRECTORY,
    ...rest,
    PYTHONPATH: PYTHONPATH ? `${PYTHONPATH}:${PYTHON_FILES}` : PYTHON_FILES,
    SAGEMAKER_BIND_TO_PORT: port,
    ...portOfDebugger(spec, ports),
  };
}

/** A debugger's port is told by a variable, and is another one here. */
function portOfDebugger(
  { environment }: ContainerSpec,
  ports: ReadonlyMap<number, number>,
): Record<string, string> {
  const wanted = Number(environment.SMLOCAL_DEBUG_PORT);
  return ports.has(wanted) ? { SMLOCAL_DEBUG_PORT: String(ports.get(wanted)) } : {};
}
