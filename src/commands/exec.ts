import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { delimiter } from 'node:path';
import { UNSET_VARIABLES } from '../aws/variables.js';
import { type ExitCode, SmlocalError } from '../errors.js';
import { shipped } from '../shipped.js';
import {
  type EnvironmentOptions,
  type ProgramEnvironment,
  programEnvironment,
} from './environment.js';

/** Turns AWS's own addresses in Python scripts here as well; see the file in it. */
const PYTHON_HOOK = shipped('python/client');

/** What a terminal or a supervisor sends, and the program is to have. */
const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/** What the docker command would heed before DOCKER_HOST, or beside it. */
const DOCKERS_OWN: readonly string[] = ['DOCKER_CONTEXT', 'DOCKER_TLS_VERIFY', 'DOCKER_CERT_PATH'];

/** As shells have it: found, and cannot be executed; not found. */
const NOT_EXECUTABLE = 126;
const NOT_FOUND = 127;

/**
 * `smlocal exec -- COMMAND`: runs a command in which every AWS SDK finds the environment's AWS.
 * @returns the command's own exit code; 128 and the signal's number where a signal ended it
 */
export async function exec(
  command: readonly string[],
  options: EnvironmentOptions,
): Promise<number> {
  const environment = programEnvironment(options);
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: 'inherit', env: environmentFor(environment) });
  const passOn = (signal: NodeJS.Signals) => void child.kill(signal);
  for (const signal of PASSED_ON) process.on(signal, passOn);
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    return code ?? 128 + constants.signals[signal ?? 'SIGKILL'];
  } catch (error) {
    throw cannotRun(program, error);
  } finally {
    for (const signal of PASSED_ON) process.off(signal, passOn);
  }
}

function environmentFor({ name, variables, dockerHost }: ProgramEnvironment): NodeJS.ProcessEnv {
  const DEPLOY_ENV = name;
  if (variables === undefined) return { ...process.env, DEPLOY_ENV };
  const unset = dockerHost === undefined ? UNSET_VARIABLES : [...UNSET_VARIABLES, ...DOCKERS_OWN];
  const kept = Object.entries(process.env).filter(([name]) => !unset.includes(name));
  const PYTHONPATH = [PYTHON_HOOK, process.env.PYTHONPATH].filter(Boolean).join(delimiter);
  const docker = dockerHost === undefined ? {} : { DOCKER_HOST: dockerHost };
  return { ...Object.fromEntries(kept), ...variables, ...docker, PYTHONPATH, DEPLOY_ENV };
}

function cannotRun(program: string, error: unknown): unknown {
  const { code } = error as { code?: string };
  if (code !== 'ENOENT' && code !== 'EACCES') return error;
  const missing = code === 'ENOENT';
  return new SmlocalError(`${program} ${missing ? 'was not found' : 'cannot be executed'}.`, {
    hint: 'Write the command behind two dashes, as you would type it alone: smlocal exec -- python deploy.py',
    exitCode: (missing ? NOT_FOUND : NOT_EXECUTABLE) as ExitCode,
    cause: error,
  });
}
